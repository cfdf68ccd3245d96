"""Complete Alembic code in the reader's names."""
