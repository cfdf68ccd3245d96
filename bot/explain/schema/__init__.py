"""What is in head's schema, what is new there, and which line made it."""
