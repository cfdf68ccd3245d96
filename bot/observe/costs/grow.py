"""Many rows out of few: a table's own rows copied by the server, its unique keys shifted.

The row generator makes some ten thousand rows a second, and a scan of so few takes no time that
could be measured. What the server copies by itself is ten times as fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.facts.schema import Column, Schema, Table
from bot.observe.forced_row_security import force
from bot.observe.rows.keys import keys, mentioned
from bot.observe.rows.plan import counted
from bot.observe.rows.target import name_of

if TYPE_CHECKING:
    from psycopg import Connection, sql

_NUMBERS = ("integer", "bigint", "numeric")
_TIMES = ("timestamp without time zone", "timestamp with time zone")
_TEXTS = ("text", "character varying")
_HASH = 32  # characters of an MD5
_LEAST_PADDING = 16  # bytes a row
_MOST_PADDING = 1200  # beyond some 2 kB a row's values move into TOAST, which a scan does not read


def size_of(connection: Connection[tuple[object, ...]], table: Table) -> tuple[int, int]:
    """The table's rows and bytes, TOAST and indexes included; a partitioned one is its parts."""
    with _open(connection, table):
        return _size(connection, table)


@contextmanager
def _open(connection: Connection[tuple[object, ...]], table: Table) -> Iterator[None]:
    """Forced row security set aside: the owner, who asks and copies, would see no row."""
    force(connection, (table,), on=False)
    yield
    force(connection, (table,), on=True)


def _size(connection: Connection[tuple[object, ...]], table: Table) -> tuple[int, int]:
    from psycopg import sql

    query = sql.SQL(
        "SELECT (SELECT pg_catalog.count(*) FROM {0}), (SELECT"
        " pg_catalog.sum(pg_catalog.pg_total_relation_size(relid))"
        " FROM pg_catalog.pg_partition_tree({1}::pg_catalog.regclass))::bigint,"
        " pg_catalog.pg_total_relation_size({1}::pg_catalog.regclass)"
    )
    named = sql.Literal(name_of(table).as_string(connection))
    row = connection.execute(query.format(name_of(table), named)).fetchone() or (0, 0, 0)
    rows, parts, whole = (int(str(value or 0)) for value in row)
    return rows, max(parts, whole)


def grow(
    connection: Connection[tuple[object, ...]],
    table: Table,
    head: Schema,
    rows: int,
    width: float = 0.0,
) -> None:
    """Copy the table's rows until it holds ``rows``, the new ones up to ``width`` bytes wide.

    Head's unique keys are obeyed as well as the table's own. Where that cannot be done, or the
    server refuses the copies, the table stays as it is.
    """
    from psycopg import Error, sql

    has, size = size_of(connection, table)
    if not 0 < has < rows:
        return
    shifted = _shifted(table, head.table(table.full_name))
    if shifted is None:
        return
    padding = min(_MOST_PADDING, int(width - size / has))
    padded = _padded(table, head) if padding >= _LEAST_PADDING else None
    names, values = [], []
    for column in table.columns:
        if column.generated is not None or counted(column):
            continue
        names.append(sql.Identifier(column.name))
        value: sql.Composable = sql.SQL("t.{}").format(names[-1])
        if column.name in shifted:
            value = _shift(column, names[-1], table, has)
        elif column.name == padded:
            value = sql.SQL(
                "t.{} || pg_catalog.left(pg_catalog.repeat(pg_catalog.md5(g.n::text), {}), {})"
            ).format(names[-1], 1 + padding // _HASH, padding)
        values.append(value)
    if not names:
        return
    copy = sql.SQL(
        "INSERT INTO {0} ({1}) SELECT {2} FROM {0} t"
        " CROSS JOIN pg_catalog.generate_series(1, {3}) g(n) LIMIT {4}"
    ).format(
        name_of(table),
        sql.SQL(", ").join(names),
        sql.SQL(", ").join(values),
        -(-(rows - has) // has),
        rows - has,
    )
    try:
        with connection.transaction(), _open(connection, table):
            connection.execute(copy)
    except Error:
        return  # a CHECK, a trigger, a bound of a partition: fewer rows will have to do


def _shifted(table: Table, head: Table | None) -> set[str] | None:
    """Columns that make each unique key new in a copied row; None where some key has none."""
    if any(
        item.kind == "exclude" for item in (*table.constraints, *(head.constraints if head else ()))
    ):
        return None
    found: set[str] = set()
    tied = {name for key in table.foreign_keys for name in key.columns}
    for key in (*keys(table), *(keys(head) if head else ())):
        columns = [column for name in key.columns if (column := table.column(name))]
        if len(columns) < len(key.columns):
            continue  # a column that the change adds: its values are the change's own
        if any(counted(column) or column.name in found for column in columns):
            continue
        free = [column for column in columns if column.name not in tied and _can_shift(column)]
        if not free:
            return None
        found.add(free[0].name)
    return found


def _can_shift(column: Column) -> bool:
    kind = column.type
    if kind.array or kind.domain or column.generated is not None:
        return False
    if kind.base in _TEXTS:
        return kind.length is None or kind.length >= _HASH // 2
    return kind.base in (*_NUMBERS, *_TIMES, "uuid", "date")


def _shift(column: Column, name: sql.Identifier, table: Table, has: int) -> sql.Composable:
    from psycopg import sql

    kind = column.type
    if kind.base == "uuid":
        return sql.SQL("pg_catalog.gen_random_uuid()")
    if kind.base in _TEXTS:
        salted = sql.SQL("pg_catalog.left(pg_catalog.md5(t.{} || '~' || {} || '~' || g.n), {})")
        return salted.format(name, has, min(_HASH, kind.length or _HASH))
    span = sql.SQL("(SELECT pg_catalog.max({0}) - pg_catalog.min({0}) FROM {1})").format(
        name, name_of(table)
    )
    if kind.base in _TIMES:
        return sql.SQL("t.{0} + g.n * ({1} + interval '1 second')").format(name, span)
    return sql.SQL("t.{0} + (g.n * ({1} + 1))::{2}").format(
        name, span, sql.SQL("integer" if kind.base == "date" else kind.base)
    )


def _padded(table: Table, head: Schema) -> str | None:
    """A text of any length that no rule, key or index looks at, on either side."""
    after = head.table(table.full_name)
    looked_at = {
        name
        for side in (table, after)
        if side is not None
        for columns in (
            *(item.columns for item in side.constraints),
            *(mentioned(item) for item in side.indexes),
        )
        for name in columns
    }
    if any(column.generated for column in table.columns):
        return None  # its expression may take any of them
    for column in table.columns:
        kind = column.type
        free = kind.base in _TEXTS and kind.length is None and not (kind.array or kind.domain)
        then = after.column(column.name) if after else None
        if free and column.name not in looked_at and (then is None or then.type == kind):
            return column.name
    return None
