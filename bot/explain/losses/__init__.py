"""What an upgrade took away from rows that were there, and how to keep it."""
