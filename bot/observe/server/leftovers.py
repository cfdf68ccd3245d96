"""What runs that were killed left on the user's server, told from what living ones use."""

from __future__ import annotations

import contextlib

from bot.observe.server.databases import Databases, roll_back_prepared

PREFIX = "db_recheck_"  # of every database and role that this program makes there
_RUN_ID = "[0-9a-f]{8}"
_LOCK_CLASS = 0x6462_7263  # "dbrc": the first key of this program's advisory locks


def claim(databases: Databases, run: str) -> None:
    """Hold the lock on this run's id, as long as the bot's connection lives."""
    databases.admin.execute("SELECT pg_catalog.pg_advisory_lock(%s, %s)", (_LOCK_CLASS, _key(run)))


def drop_leftovers(databases: Databases) -> None:
    """Drop databases and roles of runs that no longer hold their lock."""
    import psycopg
    from psycopg import sql

    admin = databases.admin
    alive = {
        int(key)
        for (key,) in admin.execute(
            "SELECT objid::bigint FROM pg_catalog.pg_locks"
            " WHERE locktype = 'advisory' AND classid::bigint = %s",
            (_LOCK_CLASS,),
        ).fetchall()
    }
    pattern = f"^{PREFIX}{_RUN_ID}_"
    for kind, catalogue, column in (
        ("DATABASE {} WITH (FORCE)", "pg_database", "datname"),
        ("ROLE {}", "pg_roles", "rolname"),
    ):
        rows = admin.execute(
            f"SELECT {column} FROM pg_catalog.{catalogue} WHERE {column} ~ %s", (pattern,)
        ).fetchall()
        for name in (str(name) for (name,) in rows):
            if _key(name[len(PREFIX) : len(PREFIX) + 8]) % 2**32 not in alive:
                with contextlib.suppress(psycopg.Error):  # another run drops it, or another owner's
                    roll_back_prepared(admin, databases.bot, name)
                    admin.execute(sql.SQL("DROP " + kind).format(sql.Identifier(name)))


def _key(run: str) -> int:
    """The run's id as a signed 32-bit number, the second key of its advisory lock."""
    number = int(run, 16)
    return number - 2**32 if number >= 2**31 else number
