"""Names of database objects: as SQL, Alembic and shells write them, and as standards want them."""
