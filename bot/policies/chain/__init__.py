"""The revision graph and the history it keeps."""
