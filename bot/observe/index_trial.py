"""An index built on a filled table, and PostgreSQL's plans for queries with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.facts.schema import Schema, Table
from bot.facts.trial import Explained, IndexTrial, IndexWork, Shape
from bot.observe.forced_row_security import force
from bot.observe.rows.fill import Order, fill

if TYPE_CHECKING:
    from psycopg import Connection, sql

    from bot.observe.server import Server

ROWS = 5_000  # enough for an index to be cheaper than reading the table, made in about a second
_PARENTS = 100  # rows of each table that it refers to
_PATIENCE = 20.0  # seconds for one statement
_MOST_PLAN = 4_000  # characters of a plan that are kept
_SORTS = frozenset({"Sort", "Incremental Sort"})
_ONLY = "Index Only Scan"
_BITMAPS = b"SET LOCAL enable_seqscan = off"  # GIN is read by bitmaps alone
_UNATTRACTIVE = _BITMAPS + b"; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
_PARTS = b"""
SELECT c.relname, pg_catalog.pg_relation_size(c.oid) FROM pg_catalog.pg_class c
WHERE c.oid = %(index)s::pg_catalog.regclass OR c.oid IN
  (SELECT relid FROM pg_catalog.pg_partition_tree(%(index)s::pg_catalog.regclass))
"""  # the index and, of a partitioned table, those of its partitions
_TWIN = b"""
SELECT c.relname FROM pg_catalog.pg_index mine JOIN pg_catalog.pg_index other
    ON other.indrelid = mine.indrelid AND other.indexrelid <> mine.indexrelid
    AND (other.indkey, other.indclass, other.indcollation, other.indoption, other.indnkeyatts)
        = (mine.indkey, mine.indclass, mine.indcollation, mine.indoption, mine.indnkeyatts)
    AND pg_catalog.pg_get_expr(other.indpred, other.indrelid)
        IS NOT DISTINCT FROM pg_catalog.pg_get_expr(mine.indpred, mine.indrelid)
JOIN pg_catalog.pg_class c ON c.oid = other.indexrelid
WHERE mine.indexrelid = %(index)s::pg_catalog.regclass AND other.indisvalid
ORDER BY 1 LIMIT 1
"""


def try_index(
    server: Server, database: str, schema: Schema, work: IndexWork, remaining: Callable[[], float]
) -> IndexTrial:
    """Fill the table on that database, build the index and explain the queries; never raises.

    All of it has the rights of the target's code: triggers and defaults are a stranger's.
    """
    from psycopg import Error

    try:
        with server.connect_as_owner(database) as connection:
            connection.autocommit = True
            limit = int(1000 * max(0.1, min(_PATIENCE, remaining())))
            connection.execute(f"SET statement_timeout = {limit}".encode())
            return _tried(connection, schema, work)
    except Error as error:
        return IndexTrial(work, failure=str(error).strip())


def _tried(
    connection: Connection[tuple[object, ...]], schema: Schema, work: IndexWork
) -> IndexTrial:
    from psycopg import sql

    table = schema.table(work.table)
    if table is None:
        return IndexTrial(work, failure=f"there is no table {work.table}")
    parents = tuple(_parents(schema, table))
    if parents:
        fill(connection, Order(schema, schema, parents, _PARENTS, keep=True))
    held = fill(connection, Order(schema, schema, (table.full_name,), ROWS))
    name = sql.Identifier(table.schema, table.name)
    force(connection, (table,), on=False)  # else its owner, who asks, sees no row
    counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
    rows = int(str(counted[0])) if counted else 0
    if not rows:
        reasons = [item.reason for item in held.unfilled if item.table == table.full_name]
        why = reasons[0] if reasons else "the table took none"
        return IndexTrial(work, failure=f"no row could be made up for it: {why}")
    if work.create:
        connection.execute(work.create.encode())
    connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(name))
    sizes = connection.execute(_PARTS, {"index": _literal(connection, table, work.index)})
    parts = {str(part): int(str(size)) for part, size in sizes.fetchall()}
    twin = connection.execute(_TWIN, {"index": _literal(connection, table, work.index)}).fetchone()
    return IndexTrial(
        work,
        rows,
        sum(parts.values()),
        twin=str(twin[0]) if twin and work.create else None,
        explained=tuple(
            _explained(connection, table, frozenset(parts), shape) for shape in work.shapes
        ),
    )


def _literal(connection: Connection[tuple[object, ...]], table: Table, index: str) -> str:
    from psycopg import sql

    return sql.Identifier(table.schema, index).as_string(connection)


def _parents(schema: Schema, table: Table) -> Iterator[str]:
    """The tables that its rows need, and those that these need."""
    seen, waiting = {table.full_name}, [table]
    while waiting:
        for key in waiting.pop().foreign_keys:
            other = schema.table(key.references or "")
            if other is not None and other.full_name not in seen:
                seen.add(other.full_name)
                waiting.append(other)
                yield other.full_name


def _explained(
    connection: Connection[tuple[object, ...]], table: Table, parts: frozenset[str], shape: Shape
) -> Explained:
    query = _query(connection, table, shape)
    found = _planned(connection, query, parts)
    if found.serves(shape) or not shape.served:
        return Explained(shape, query, found.text, found.uses)
    for settings in (_BITMAPS, _UNATTRACTIVE):
        with connection.transaction():
            connection.execute(settings)
            other = _planned(connection, query, parts)
        if other.serves(shape):
            return Explained(shape, query, other.text, uses=True, forced=True)
    return Explained(shape, query, found.text, uses=False)


@dataclass(frozen=True)
class _Planned:
    """A plan's text, the types of its nodes, and whether one of them uses the index."""

    text: str
    nodes: frozenset[str]
    uses: bool

    def serves(self, shape: Shape) -> bool:
        """Whether the index does for the query what the shape says."""
        sorted_by_index = not shape.order or self.nodes.isdisjoint(_SORTS)
        return self.uses and sorted_by_index and (not shape.select or _ONLY in self.nodes)


def _planned(
    connection: Connection[tuple[object, ...]], query: str, parts: frozenset[str]
) -> _Planned:
    text = connection.execute(f"EXPLAIN (COSTS OFF) {query}".encode()).fetchall()
    (found,) = connection.execute(f"EXPLAIN (FORMAT JSON, COSTS OFF) {query}".encode()).fetchall()
    tree = json.loads(found[0]) if isinstance(found[0], str) else found[0]
    shown = "\n".join(str(line) for (line,) in text)
    return _Planned(
        shown[:_MOST_PLAN],
        frozenset(_named(tree, "Node Type")),
        not parts.isdisjoint(_named(tree, "Index Name")),
    )


def _named(tree: Any, key: str) -> Iterator[str]:
    """That field of every node of a plan (PostgreSQL docs, "EXPLAIN", FORMAT JSON)."""
    if isinstance(tree, list):
        for item in tree:
            yield from _named(item, key)
    elif isinstance(tree, dict):
        if isinstance(tree.get(key), str):
            yield tree[key]
        for value in tree.values():
            yield from _named(value, key)


def _query(connection: Connection[tuple[object, ...]], table: Table, shape: Shape) -> str:
    """The shape with the values of a row late in the table, so that few lie beyond them."""
    from psycopg import sql

    columns = list(dict.fromkeys(name for name, _ in shape.where))
    values = _sample(connection, table, columns)
    conditions: list[sql.Composable] = [
        _condition(table, name, operator, values[name]) for name, operator in shape.where
    ]
    conditions += [sql.SQL(each) for each in shape.fixed]
    chosen = sql.SQL(", ").join(map(sql.Identifier, shape.select)) if shape.select else sql.SQL("*")
    query = sql.SQL("SELECT {} FROM {}").format(chosen, _name(table))
    if conditions:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
    if shape.order:
        down = sql.SQL(" DESC" if shape.descending else "")
        keys = [sql.Identifier(name) + down for name in shape.order]
        query += sql.SQL(" ORDER BY ") + sql.SQL(", ").join(keys)
    if shape.limit is not None:
        query += sql.SQL(f" LIMIT {int(shape.limit)}")
    return query.as_string(connection)


def _condition(table: Table, name: str, operator: str, value: str | None) -> sql.Composable:
    from psycopg import sql

    column = table.column(name)
    if value is None:
        return sql.SQL("{} IS NULL").format(sql.Identifier(name))
    typed: sql.Composable = sql.Literal(value)
    if column is not None and operator in ("@>", "<@", "&&", "@@"):
        if operator == "@@":
            typed = sql.SQL("'word'::tsquery")
        else:
            typed = sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(column.type.name))
    return sql.SQL("{} {} {}").format(sql.Identifier(name), sql.SQL(operator), typed)


def _sample(
    connection: Connection[tuple[object, ...]], table: Table, columns: list[str]
) -> dict[str, str | None]:
    from psycopg import sql

    if not columns:
        return {}
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(n)) for n in columns)
    row = connection.execute(
        sql.SQL(
            "SELECT {0} FROM {1} ORDER BY {2} LIMIT 1 OFFSET (SELECT count(*) * 9 / 10 FROM {1})"
        ).format(texts, _name(table), names)
    ).fetchone()
    values = row or tuple(None for _ in columns)
    return {n: None if v is None else str(v) for n, v in zip(columns, values, strict=True)}


def _name(table: Table) -> sql.Composable:
    from psycopg import sql

    if table.schema == "public":
        return sql.Identifier(table.name)
    return sql.Identifier(table.schema, table.name)
