"""Facts in the reader's words and code: what several policies say alike."""
