"""Policies about the models and their agreement with the schema."""
