"""Measurements against what a user would run instead, side by side, in the same run."""
