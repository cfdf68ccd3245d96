"""Policies about rows and values that an upgrade takes away."""
