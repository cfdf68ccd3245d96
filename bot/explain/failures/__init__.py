"""Steps that failed: why, on which rows, and the ways out."""
