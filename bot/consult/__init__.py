"""Answers about the schema at head: `describe`, `status`, `suggest-index`. Pure but for `run`."""
