"""The same change in steps that let everybody go on reading and writing."""
