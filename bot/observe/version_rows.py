"""The rows of Alembic's version table: a table that a stranger may have made.

The bot may be a superuser, and whatever it evaluates runs with its rights. So nothing of the table
is evaluated: a type's output function is C code, while a cast to text can be anybody's. And a lock
keeps a view from taking the table's place between the look at it and the reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.observe.protocol import VersionTable

if TYPE_CHECKING:
    from psycopg import Connection

_MOST = 1000
_PATIENCE = "5s"  # for a lock that a session of the target took after all of them were ended

# Where one table is meant and several have the name, Alembic's search path ends in public mostly.
_FIND = """
    SELECT n.nspname::text FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.relname OPERATOR(pg_catalog.=) %(name)s AND c.relkind IN ('r', 'p')
    AND (n.nspname OPERATOR(pg_catalog.=) %(schema)s OR %(schema)s::text IS NULL)
    AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_')
    ORDER BY n.nspname <> 'public', 1 LIMIT 1
"""
_KIND = "SELECT relkind::text FROM pg_catalog.pg_class WHERE oid = %s::pg_catalog.regclass"


def version_rows(
    connection: Connection[tuple[object, ...]], table: VersionTable
) -> tuple[str, ...]:
    """The version numbers, sorted; empty when there is no such table.

    Raises:
        psycopg.Error: it cannot be read: it has no such column, or somebody holds a lock on it.
    """
    from psycopg import sql

    place = {"name": table.table, "schema": table.schema}
    found = connection.execute(_FIND, place).fetchone()
    if found is None:
        return ()
    name = sql.Identifier(str(found[0]), table.table)
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(_PATIENCE))
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(name))
        kind = connection.execute(_KIND, (name.as_string(connection),)).fetchone()
        if kind is None or str(kind[0]) not in ("r", "p"):
            return ()
        rows = connection.execute(
            sql.SQL("SELECT version_num FROM {} LIMIT {}").format(name, _MOST)
        ).fetchall()
    return tuple(sorted(str(row[0]) for row in rows))
