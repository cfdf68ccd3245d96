"""What tables hold at one moment, and what of it is gone at a later one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.facts.schema import Table
from bot.observe.catalogue.query import settings

if TYPE_CHECKING:
    from psycopg import Connection, Cursor, sql

MOST = 20_000  # rows of one table that are compared

Cell = str | None
Values = tuple[Cell, ...]


@dataclass(frozen=True)
class Content:
    """A table's rows: ``rows`` maps each key to the values of ``columns``, in their order.

    Without a key the values themselves are the key, and ``counts`` says how often they occur.
    ``cut`` is true where the table holds more than are compared.
    """

    columns: tuple[str, ...]
    rows: Mapping[Values, Values]
    counts: Mapping[Values, int]
    keyed: bool
    cut: bool = False


Contents = dict[str, Content]


def contents(
    connection: Connection[tuple[object, ...]], tables: Iterable[Table], most: int = MOST
) -> Contents:
    """What these tables hold, those left out that are not there.

    The connection is the bot's own, which row security does not concern. It must not run what a
    stranger wrote: the tables are locked before it is seen that they are tables and no views.

    Raises:
        psycopg.Error: as the server raised it.
    """
    wanted = {table.full_name: table for table in tables if table.kind != "foreign table"}
    with connection.transaction():
        connection.execute(settings().encode())
        connection.execute(b"SET LOCAL lock_timeout = '5s'")
        present = _present(connection, wanted)
        _lock(connection, [wanted[name] for name in present])
        present = _present(connection, wanted)
        cursors = {}
        with connection.pipeline():  # one round trip for all of them
            for name, parted in present.items():
                cursors[name] = connection.cursor()
                # Never a prepared one: the table may be another one by the next look.
                query = _query(wanted[name], most, only=not parted)
                cursors[name].execute(query, prepare=False)
        return {name: _content(wanted[name], most, cursors[name]) for name in cursors}


def _present(
    connection: Connection[tuple[object, ...]], wanted: Mapping[str, Table]
) -> dict[str, bool]:
    """Those that are tables now, and whether they are partitioned."""
    rows = connection.execute(
        "SELECT n.nspname || '.' || c.relname, c.relkind = 'p' FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY (%s)",
        (list(wanted),),
    ).fetchall()
    return {str(name): bool(parted) for name, parted in rows}


def _lock(connection: Connection[tuple[object, ...]], tables: Sequence[Table]) -> None:
    from psycopg import sql

    if tables:
        names = sql.SQL(", ").join(sql.Identifier(item.schema, item.name) for item in tables)
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))


def _query(table: Table, most: int, *, only: bool) -> sql.Composed:
    from psycopg import sql

    return sql.SQL("SELECT * FROM {}{} LIMIT {}").format(
        sql.SQL("ONLY " if only else ""), sql.Identifier(table.schema, table.name), most + 1
    )


def _content(table: Table, most: int, cursor: Cursor[tuple[object, ...]]) -> Content:
    """The rows as the server sent them: texts, which no loader of the driver has seen."""
    result = cursor.pgresult
    if result is None:
        return Content((), {}, {}, keyed=False)
    columns = tuple(_text(result.fname(place)) or "" for place in range(result.nfields))
    found = [
        tuple(_text(result.get_value(row, place)) for place in range(result.nfields))
        for row in range(min(result.ntuples, most))
    ]
    return _arranged(columns, found, key_of(table), cut=result.ntuples > most)


def key_of(table: Table) -> tuple[str, ...]:
    """The columns that tell the table's rows apart, empty where none are known to."""
    keys = [item for item in table.constraints if item.kind in ("primary key", "unique")]
    for item in sorted(keys, key=lambda each: each.kind != "primary key"):
        found = [table.column(name) for name in item.columns]
        if all(column is not None and not column.nullable for column in found):
            return item.columns
    return ()


def _arranged(
    columns: tuple[str, ...], rows: Sequence[Values], key: tuple[str, ...], *, cut: bool
) -> Content:
    if not key or not set(key) <= set(columns):
        return Content(columns, {row: row for row in rows}, Counter(rows), keyed=False, cut=cut)
    places = [columns.index(name) for name in key]
    arranged = {tuple(row[place] for place in places): row for row in rows}
    return Content(columns, arranged, {}, keyed=True, cut=cut)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
