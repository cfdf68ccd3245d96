"""What only the statement's own transaction can see, asked on its connection through the probe.

One query with one row of one text. Whatever the target has made of its session must not change it:
every name is qualified, and there is no ``%``, ``:`` or ``$`` that a driver could take for a
parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from bot.observe.locks.relations import FIRST_OID, Counters, Relation

_SETTINGS = ("lock_timeout", "statement_timeout", "track_counts")
_COUNTERS = ("numscans", "tuples_inserted", "tuples_updated", "tuples_deleted")
_OWNER = """CASE
  WHEN c.relkind IN ('i', 'I') THEN
    (SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid)
  WHEN c.relkind = 'S' THEN
    (SELECT d.refobjid FROM pg_catalog.pg_depend d
     WHERE d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259
       AND d.deptype IN ('a', 'i') LIMIT 1)
END"""  # 1259 is pg_class, 2606 pg_constraint: their oids are fixed (catalog/pg_*.h)
_CONSTRAINT = """c.relkind IN ('i', 'I') AND EXISTS (
  SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 2606 AND d.deptype = 'i')"""
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1e3, "min": 6e4, "h": 3.6e6, "d": 8.64e7}
_NONE = "false"
_BYTES = 900_000  # of one answer: it must fit into a line of the protocol


Ask = Callable[[str], str]
"""Runs a query of one text on the statement's connection. Raises ``Unreadable``."""


class Unreadable(Exception):
    """The statement's connection could not be read; the message says why."""


@dataclass(frozen=True)
class Inside:
    """What the transaction sees of itself.

    ``relations`` are those asked for that are there (in a first reading, all that have counters
    too), ``counters`` theirs. Timeouts in milliseconds, 0 for none.
    """

    relations: Mapping[int, Relation] = field(default_factory=dict)
    counters: Mapping[int, Counters] = field(default_factory=dict)
    lock_timeout_ms: float | None = None
    statement_timeout_ms: float | None = None
    counts: bool = True


def query(
    plain: Iterable[int] = (),
    described: Iterable[int] = (),
    *,
    first: bool = False,
    report: bool = False,
) -> str:
    """The text of the query for these relations.

    Of those that are ``described`` it asks for tables and constraints too, which costs some 0.4 ms
    of planning. ``first`` asks for the counters of all relations that have any: those of earlier
    transactions stay until the backend reports them (PostgreSQL docs, "The Cumulative Statistics
    System"); ``report`` has it do so once no transaction is open (since PostgreSQL 15).
    """
    counters = [f"pg_catalog.pg_stat_get_xact_{name}(c.oid)" for name in _COUNTERS]
    chosen = _among(plain)
    if first:
        moved = " + ".join(counters)
        chosen += f" OR c.oid >= {FIRST_OID} AND c.relkind IN ('r', 'm', 'p') AND {moved} > 0"
    settings = [f"pg_catalog.current_setting('{name}')" for name in _SETTINGS]
    if report:
        settings.append("CAST(pg_catalog.pg_stat_force_next_flush() AS pg_catalog.text)")
    columns = [
        "CAST(c.oid AS pg_catalog.int8)",
        "(SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = c.relnamespace)",
        "c.relname",
        "c.relkind",
        "CAST(c.relfilenode AS pg_catalog.int8)",
        *counters,
    ]
    more = [*columns, f"CAST({_OWNER} AS pg_catalog.int8)", _CONSTRAINT]
    parts = [_array(settings), _rows(columns, chosen), _rows(more, _among(described))]
    return f"SELECT CAST({_array(parts)} AS pg_catalog.text)"


def _among(oids: Iterable[int]) -> str:
    listed = ",".join(map(str, sorted(oids)))
    return f"c.oid IN ({listed})" if listed else _NONE


def _array(parts: Iterable[str]) -> str:
    return f"pg_catalog.json_build_array({', '.join(parts)})"


def _rows(columns: Iterable[str], chosen: str) -> str:
    if chosen == _NONE:
        return "NULL"
    aggregated = f"pg_catalog.json_agg({_array(columns)})"
    return f"(SELECT {aggregated} FROM pg_catalog.pg_class c WHERE {chosen})"


_Count = int | None
_Plain = tuple[int, str, str, str, int, _Count, _Count, _Count, _Count]
_Described = tuple[int, str, str, str, int, _Count, _Count, _Count, _Count, int | None, bool | None]
_Answer = tuple[list[str], list[_Plain] | None, list[_Described] | None]


def parse(text: str | None, known: Mapping[int, Relation]) -> Inside:
    """The answer, strictly. ``known`` gives tables and constraints where they were not asked for.

    Raises:
        Unreadable: the probe sent something else.
    """
    if text is None or len(text) > _BYTES:
        raise Unreadable("no answer")
    try:
        settings, plain, described = msgspec.json.decode(text.encode(), type=_Answer)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        raise Unreadable("not the answer to what was asked") from None
    if len(settings) < len(_SETTINGS):
        raise Unreadable("settings are missing")
    relations: dict[int, Relation] = {}
    counters: dict[int, Counters] = {}
    for oid, schema, name, kind, storage, *counts in plain or ():
        relations[oid] = _as_known(Relation(oid, schema, name, kind, storage=storage), known)
        counters[oid] = Counters(*(count or 0 for count in counts))
    owners: dict[int, int] = {}
    for oid, schema, name, kind, storage, scans, added, updated, deleted, owner, constraint in (
        described or ()
    ):
        relations[oid] = Relation(
            oid, schema, name, kind, storage=storage, constraint=bool(constraint)
        )
        counters[oid] = Counters(scans or 0, added or 0, updated or 0, deleted or 0)
        if owner is not None:
            owners[oid] = owner
    for oid, owner in owners.items():
        table = relations.get(owner) or known.get(owner)
        label = table.label if table is not None else known[oid].owner if oid in known else None
        relations[oid] = replace(relations[oid], owner=label)
    return Inside(
        relations,
        counters,
        milliseconds(settings[0]),
        milliseconds(settings[1]),
        settings[2] == "on",
    )


def _as_known(found: Relation, known: Mapping[int, Relation]) -> Relation:
    """With the table and the constraint that were not asked for."""
    was = known.get(found.oid)
    if was is None:
        return found
    return replace(found, owner=was.owner, constraint=was.constraint)


def milliseconds(setting: str) -> float | None:
    """A time as SHOW prints it ("0", "250ms", "5s"), None for what is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(us|ms|s|min|h|d)?", setting)
    return None if found is None else float(found[1]) * _UNITS[found[2] or "ms"]
