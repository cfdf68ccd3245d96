"""Rights, secrets and what a server must have."""
