"""One policy a file, grouped by folder, found by being there."""
