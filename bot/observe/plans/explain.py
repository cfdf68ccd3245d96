"""EXPLAIN of one query, and what its plan says: never executed, with the target's own rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.facts.plans import Plan, Scan

if TYPE_CHECKING:
    from psycopg import Connection, sql

_GENERIC_SINCE = 16  # the major that brought EXPLAIN (GENERIC_PLAN)
_MOST_NODES = 5_000
_WRITES = "ModifyTable"  # it names the table that it writes to, which it does not read
# A value below and one above what a partition is likely to begin with, by pg_type.typcategory.
_SAMPLES = {
    "N": ("-1000000000", "2000000000"),
    "S": ("", "zzzzzzzz"),
    "B": ("false", "true"),
    "T": ("0", "100 years"),
    "A": ("{}", "{}"),
}
_BY_NAME = {
    "smallint": ("-30000", "30000"),
    "date": ("1900-01-01", "2200-01-01"),
    "timestamp without time zone": ("1900-01-01", "2200-01-01"),
    "timestamp with time zone": ("1900-01-01", "2200-01-01"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
}


@dataclass(frozen=True)
class Whole:
    """What partitions belong to: tables with all their leaves, and a part's index with its whole.

    Names are ``schema.name``.
    """

    leaves: Mapping[str, frozenset[str]]
    indexes: Mapping[str, str]


def whole(connection: Connection[tuple[object, ...]]) -> Whole:
    """That of one database."""
    tables = connection.execute(
        "SELECT n.nspname || '.' || c.relname, (SELECT pg_catalog.array_agg(m.nspname || '.' ||"
        " l.relname) FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class l"
        " ON l.oid = t.relid JOIN pg_catalog.pg_namespace m ON m.oid = l.relnamespace"
        " WHERE t.isleaf) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.relkind = 'p'"
    ).fetchall()
    indexes = connection.execute(
        "SELECT n.nspname || '.' || c.relname, m.nspname || '.' || r.relname"
        " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_class r ON r.oid = pg_catalog.pg_partition_root(c.oid)"
        " JOIN pg_catalog.pg_namespace m ON m.oid = r.relnamespace"
        " WHERE c.relkind = 'i' AND c.relispartition"
    ).fetchall()
    return Whole(
        {
            str(name): frozenset(map(str, leaves))
            for name, leaves in tables
            if isinstance(leaves, list)
        },
        {str(part): str(root) for part, root in indexes},
    )


def explain(connection: Connection[tuple[object, ...]], query: str, known: Whole) -> Plan:
    """The plan that holds for all parameters, and which partitioned tables it reads whole.

    ``query`` is one statement with its parameters as ``$1``, … (``bot.sql.named`` has parsed it).

    Raises:
        psycopg.Error: PostgreSQL does not accept the query.
    """
    from psycopg import sql

    connection.prepare_threshold = None
    text = sql.SQL(query)  # a stranger's, planned with a stranger's rights
    connection.execute(sql.SQL("PREPARE recheck AS {}").format(text))
    try:
        kinds = _parameters(connection)
        if connection.info.server_version // 10000 >= _GENERIC_SINCE:
            words = sql.SQL("EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) {}").format(text)
        else:
            connection.execute("SET plan_cache_mode = force_generic_plan")
            words = _execute([sql.NULL] * len(kinds))
        found = _read(_asked(connection, words))
        connection.execute("SET plan_cache_mode = force_custom_plan")
        touched = {scan.table for scan in found.scans}
        partitioned = {
            name: leaves
            for name, leaves in known.leaves.items()
            if len(leaves) > 1 and leaves & touched
        }
        if partitioned:
            samples = [_sampled(connection, kinds, place) for place in (0, 1)]
            reads = [{scan.table for scan in _tried(connection, item).scans} for item in samples]
            unpruned = tuple(
                sorted(
                    name
                    for name, leaves in partitioned.items()
                    if all(leaves <= tables for tables in reads)
                )
            )
        else:
            unpruned = ()
    finally:
        connection.execute("DEALLOCATE ALL")
    roots = [known.indexes[name] for name in found.indexes if name in known.indexes]
    return Plan(found.cost, found.scans, tuple(dict.fromkeys((*found.indexes, *roots))), unpruned)


def _parameters(connection: Connection[tuple[object, ...]]) -> list[tuple[str, str, int]]:
    """Name, category and oid of each parameter's type."""
    rows = connection.execute(
        "SELECT pg_catalog.format_type(t.oid, NULL), t.typcategory::text, t.oid::bigint"
        " FROM pg_catalog.pg_prepared_statements s,"
        " pg_catalog.unnest(s.parameter_types) WITH ORDINALITY AS p(type, place)"
        " JOIN pg_catalog.pg_type t ON t.oid = p.type::oid"
        " WHERE s.name = 'recheck' ORDER BY p.place"
    ).fetchall()
    return [(str(name), str(category), int(str(oid))) for name, category, oid in rows]


def _sampled(
    connection: Connection[tuple[object, ...]], kinds: Sequence[tuple[str, str, int]], place: int
) -> list[sql.Composable]:
    from psycopg import sql

    found: list[sql.Composable] = []
    for name, category, oid in kinds:
        pair = _BY_NAME.get(name) or _SAMPLES.get(category)
        if category == "E":
            pair = _labels(connection, oid)
        found.append(sql.NULL if pair is None else sql.Literal(pair[place]))
    return found


def _labels(connection: Connection[tuple[object, ...]], oid: int) -> tuple[str, str] | None:
    rows = connection.execute(
        "SELECT enumlabel::text FROM pg_catalog.pg_enum WHERE enumtypid = %s"
        " ORDER BY enumsortorder",
        (oid,),
    ).fetchall()
    return (str(rows[0][0]), str(rows[-1][0])) if rows else None


def _tried(connection: Connection[tuple[object, ...]], values: Sequence[sql.Composable]) -> Plan:
    """The plan for these parameters; an empty one where the server does not take them."""
    from psycopg import Error

    try:
        return _read(_asked(connection, _execute(values)))
    except Error:
        return Plan(0.0)


def _execute(values: Sequence[sql.Composable]) -> sql.Composed:
    from psycopg import sql

    given = sql.SQL(" ({})").format(sql.SQL(", ").join(values)) if values else sql.SQL("")
    return sql.SQL("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE recheck{}").format(given)


def _asked(connection: Connection[tuple[object, ...]], words: sql.Composed) -> Mapping[str, Any]:
    row = connection.execute(words).fetchone()
    answer = row[0] if row else None
    found = answer[0].get("Plan") if isinstance(answer, list) and answer else None
    return found if isinstance(found, dict) else {}


def _read(root: Mapping[str, Any]) -> Plan:
    scans: list[Scan] = []
    indexes: list[str] = []
    for node, table in _nodes(root):
        index = node.get("Index Name")
        if isinstance(index, str):
            schema = table.partition(".")[0]
            index = f"{schema}.{index}"
            indexes.append(index)
        if "Relation Name" in node and node.get("Node Type") != _WRITES:
            scans.append(Scan(table, str(node.get("Node Type")), index))
    cost = root.get("Total Cost")
    return Plan(
        float(cost) if isinstance(cost, int | float) else 0.0,
        tuple(dict.fromkeys(scans)),
        tuple(dict.fromkeys(indexes)),
    )


def _nodes(root: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every node with the table that it or the node above it reads."""
    waiting: list[tuple[Mapping[str, Any], str]] = [(root, "")]
    seen = 0
    while waiting and seen < _MOST_NODES:
        node, table = waiting.pop()
        seen += 1
        if "Relation Name" in node:
            table = f"{node.get('Schema')}.{node['Relation Name']}"
        yield node, table
        waiting += [(item, table) for item in node.get("Plans", ()) if isinstance(item, dict)]
