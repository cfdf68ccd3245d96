"""Whose rows they are, and who may see them."""
