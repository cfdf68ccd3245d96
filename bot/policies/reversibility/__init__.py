"""Up, down and up again."""
