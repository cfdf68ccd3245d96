"""db-recheck: reviews Alembic migrations by running them on a real PostgreSQL."""

__version__ = "0.1.0"
