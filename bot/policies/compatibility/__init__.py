"""Policies about the release that still runs while the new one is deployed."""
