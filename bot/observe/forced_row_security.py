"""FORCE ROW LEVEL SECURITY, by which a table's owner sees what its policies let through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.facts.schema import Table
from bot.observe.rows.target import name_of

if TYPE_CHECKING:
    from psycopg import Connection


def force(connection: Connection[tuple[object, ...]], tables: Iterable[Table], *, on: bool) -> None:
    """Set it aside on those of the tables that have it, or switch it on again, as their owner.

    Raises:
        psycopg.Error: the server refuses, or is gone.
    """
    from psycopg import sql

    alter = sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY")
    if not on:
        alter = sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY")
    for table in tables:
        if table.forced_row_security:
            connection.execute(alter.format(name_of(table)))
