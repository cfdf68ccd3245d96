"""Policies about how a change is made: what it says of itself, and what it takes along."""
