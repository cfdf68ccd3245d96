"""Where the code of either release and the schema of the other do not fit."""
