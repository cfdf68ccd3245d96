"""Which tables a change can reach: those it touched, and those tied to them by keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.facts import Difference, RoundTrip, Seen
from bot.facts.schema import Schema, Table

SMALL = 30  # tables; a schema of so many is filled as a whole
_KINDS = ("table", "partitioned table")


@dataclass(frozen=True)
class Reach:
    """Tables of base: those to fill, those among them that are near the change, or touched by it.

    What is near is what the change touched, what its keys tie it to, and whatever rows of those
    need. All are empty where no table that could hold rows is touched.
    """

    tables: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()


def reached(base: Schema, trips: Iterable[RoundTrip]) -> Reach:
    """Which tables a change can reach: all of them where the schema is small."""
    known = {table.full_name: table for table in base.tables}
    touched = {name for trip in trips for name in _touched(trip, base)} & known.keys()
    touched = {_root(known[name], known) for name in touched}
    if not touched:
        return Reach()
    near = set(touched)
    for table in base.tables:
        for key in table.foreign_keys:
            other = key.references or ""
            if table.full_name in touched or other in touched:
                near |= {table.full_name, other}
    close = needed(base, near)
    return Reach(
        tuple(known) if len(known) <= SMALL else close,
        close,
        tuple(name for name in known if name in touched),
    )


def grown(base: Schema, head: Schema) -> frozenset[str]:
    """Partitioned tables that have more partitions than at base, at any depth."""
    known = {table.full_name: table for table in head.tables}
    new = [table for name, table in known.items() if base.table(name) is None]
    return frozenset(_root(table, known) for table in new if table.partition_of)


def needed(base: Schema, tables: Iterable[str]) -> tuple[str, ...]:
    """These tables of base, and those without whose rows theirs cannot be."""
    known = {table.full_name: table for table in base.tables}
    found = set(tables) & known.keys()
    waiting = list(found)
    while waiting:  # a row needs its parents, and they theirs
        for key in known[waiting.pop()].foreign_keys:
            if key.references in known and key.references not in found:
                found.add(key.references)
                waiting.append(key.references)
    return tuple(name for name in known if name in found)


def _touched(trip: RoundTrip, base: Schema) -> Iterator[str]:
    for step in (trip.upgrade, trip.downgrade):
        for statement in step.statements:
            for effect in statement.effects:
                if effect.existed:
                    yield effect.table or effect.relation
            if statement.seen is Seen.NOT and not statement.effects:
                yield from _named(statement.sql, base)
        for item in step.changed:
            if item.table:
                yield item.table
            yield from _changed(item, base)


def _changed(item: Difference, base: Schema) -> Iterator[str]:
    """Tables, and those with a column of a type that changed."""
    if item.kind in _KINDS:
        yield item.name
    elif item.kind in ("type", "domain", "constraint") and item.before is not None:
        for table in base.tables:
            for column in table.columns:
                owner = column.type.domain or column.type.base
                if item.name == owner or item.name.startswith(f"{owner}."):
                    yield table.full_name


def _named(statement: str, base: Schema) -> Iterator[str]:
    """Tables whose names a statement mentions, where nothing tells what it did."""
    for table in base.tables:
        if table.name in statement:
            yield table.full_name


def _root(table: Table, known: dict[str, Table]) -> str:
    """Rows of a partition are put in through the table that it is a part of."""
    while table.partition_of in known:
        table = known[table.partition_of]
    return table.full_name
