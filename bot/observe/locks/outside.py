"""What the bot's own connection sees: the locks of a backend, and what is committed.

Source: PostgreSQL docs, "pg_locks", "pg_class", "pg_index", "pg_depend".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.observe.locks.relations import FIRST_OID, Counters, Relation, label

if TYPE_CHECKING:
    from psycopg import Connection

MOST = 10_000  # relations of a database that are compared before and after one statement

# Beside l.relation, the committed row of pg_class and its table's.
_DESCRIBED = """
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
  SELECT i.indrelid AS oid FROM pg_catalog.pg_index i
  WHERE i.indexrelid = c.oid AND c.relkind IN ('i', 'I')
  UNION ALL
  (SELECT d.refobjid FROM pg_catalog.pg_depend d
  WHERE c.relkind = 'S' AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1)
) o ON true
LEFT JOIN pg_catalog.pg_class t ON t.oid = o.oid
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
"""
_COLUMNS = """
  l.relation::bigint, n.nspname, c.relname, c.relkind, c.relfilenode::bigint, tn.nspname, t.relname,
  c.relkind IN ('i', 'I') AND EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
      AND d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.deptype = 'i')
"""
_LOCKS = f"""
SELECT k.relation::bigint, pg_catalog.array_agg(k.mode), pg_catalog.max(k.virtualtransaction)
FROM pg_catalog.pg_locks k
WHERE k.pid = %s AND k.granted
  AND (k.locktype = 'virtualxid' OR k.locktype = 'relation' AND k.relation >= {FIRST_OID})
GROUP BY k.relation
"""
_COMMITTED = f"""
SELECT {_COLUMNS} FROM (
  SELECT k.oid AS relation FROM pg_catalog.pg_class k WHERE k.oid = ANY (%s::oid[])
) l {_DESCRIBED}
"""
_WAITS = f"""
SELECT k.relation::bigint, k.mode, k.granted FROM pg_catalog.pg_locks k
WHERE k.pid = %s
  AND (NOT k.granted OR k.locktype = 'relation' AND k.relation >= {FIRST_OID})
"""
_EVERYTHING = f"""
SELECT {_COLUMNS}, pg_catalog.pg_stat_get_numscans(c.oid),
  pg_catalog.pg_stat_get_tuples_inserted(c.oid), pg_catalog.pg_stat_get_tuples_updated(c.oid),
  pg_catalog.pg_stat_get_tuples_deleted(c.oid)
FROM (
  SELECT k.oid AS relation FROM pg_catalog.pg_class k
  WHERE k.oid >= {FIRST_OID} AND k.relkind <> 't' AND k.relnamespace <> 99 LIMIT {MOST + 1}
) l {_DESCRIBED}
"""  # 99 is pg_toast (catalog/pg_namespace.dat): the indexes of TOAST tables


@dataclass(frozen=True)
class Look:
    """One backend at one moment.

    ``transaction`` names the transaction that it is in, None when it is in none. ``locks`` are the
    modes that it holds on relations, by oid.
    """

    transaction: str | None
    locks: Mapping[int, frozenset[str]]


def look(connection: Connection[tuple[object, ...]], backend: int) -> Look:
    """The backend's transaction and its locks on relations now.

    Raises:
        psycopg.Error: the bot's connection is gone, or somebody keeps it from the catalogue.
    """
    transaction = None
    locks: dict[int, frozenset[str]] = {}
    for oid, modes, name in connection.execute(_LOCKS, (backend,), prepare=True).fetchall():
        transaction = str(name)
        if oid is not None and isinstance(modes, list):
            locks[int(str(oid))] = frozenset(map(str, modes))
    return Look(transaction, locks)


def committed(
    connection: Connection[tuple[object, ...]], oids: Collection[int]
) -> dict[int, Relation]:
    """What everybody else sees of these relations; without those that nobody else sees."""
    if not oids:
        return {}
    rows = connection.execute(_COMMITTED, (list(oids),), prepare=True).fetchall()
    return {relation.oid: relation for row in rows if (relation := _relation(row)) is not None}


def _relation(row: tuple[object, ...]) -> Relation | None:
    oid, schema, name, kind, storage, table_schema, table, constraint, *_ = row
    if name is None:
        return None
    return Relation(
        oid=int(str(oid)),
        schema=str(schema),
        name=str(name),
        kind=str(kind),
        owner=None if table is None else label(str(table_schema), str(table)),
        storage=int(str(storage)),
        constraint=bool(constraint),
    )


@dataclass(frozen=True)
class Waits:
    """A backend's locks on relations while it runs: those it has, by oid, and those it waits for.

    ``blocked`` is true while it waits for any lock, on a relation or not.
    """

    has: Mapping[int, frozenset[str]]
    asks: Mapping[int, frozenset[str]]
    blocked: bool


def waits(connection: Connection[tuple[object, ...]], backend: int) -> Waits:
    """What the backend holds and waits for now. Raises as ``look`` does."""
    granted: dict[int, set[str]] = {}
    asked: dict[int, set[str]] = {}
    blocked = False
    for oid, mode, given in connection.execute(_WAITS, (backend,), prepare=True).fetchall():
        blocked = blocked or not given
        if oid is not None:
            (granted if given else asked).setdefault(int(str(oid)), set()).add(str(mode))
    return Waits(_frozen(granted), _frozen(asked), blocked)


def _frozen(found: Mapping[int, set[str]]) -> dict[int, frozenset[str]]:
    return {oid: frozenset(modes) for oid, modes in found.items()}


def everything(
    connection: Connection[tuple[object, ...]],
) -> tuple[dict[int, Relation], dict[int, Counters]] | None:
    """All relations of the database's users and their counters; None where there are too many.

    The counters are those that backends have reported. Raises as ``look`` does.
    """
    rows = connection.execute(_EVERYTHING, prepare=True).fetchall()
    if len(rows) > MOST:
        return None
    relations: dict[int, Relation] = {}
    counters: dict[int, Counters] = {}
    for row in rows:
        found = _relation(row)
        if found is not None:
            relations[found.oid] = found
            counters[found.oid] = Counters(*(int(str(number or 0)) for number in row[8:12]))
    return relations, counters
