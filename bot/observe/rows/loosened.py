"""What head's schema takes and base's does not: NULLs, longer texts, duplicates, … Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.facts.data_types import DataType
from bot.facts.rows import Trait
from bot.facts.schema import Column, Schema, Table
from bot.observe.rows.fill import Order
from bot.observe.rows.keys import keys
from bot.observe.rows.reach import grown, needed
from bot.observe.rows.tamed import narrower
from bot.observe.rows.values import Values

ROWS = 16  # of a table: enough for every odd value beside ordinary ones
_UNCHECKED = frozenset(
    {
        Trait.DROPPED,
        Trait.EMPTY,
        Trait.LONG,
        Trait.EXTREMES,
        Trait.OLD_DATES,
        Trait.UNICODE,
    }
)
_SIZES = frozenset({Trait.LONG, Trait.EXTREMES})

Loosened = Mapping[tuple[str, str], frozenset[Trait]]
"""By table and column the traits that its values may have at head and not at base."""


def loosened(base: Schema, head: Schema, touched: Iterable[str]) -> Loosened:
    """The columns of these tables that take more at head, where both have the table.

    Tables with new partitions are left out: base has no place for what goes there.
    """
    values = Values(head, base)
    found: dict[tuple[str, str], set[Trait]] = {}
    for each in touched:
        before, after = base.table(each), head.table(each)
        if before is None or after is None:
            continue
        if before.partition_of is not None or after.partition_of is not None:
            continue  # filled through its parent
        for name, trait in _traits(before, after, values):
            if before.column(name) is not None and after.column(name) is not None:
                found.setdefault((before.full_name, name), set()).add(trait)
    parted = grown(base, head) if found else frozenset()
    return {place: frozenset(traits) for place, traits in found.items() if place[0] not in parted}


def order_of(wanted: Loosened, base: Schema, head: Schema) -> Order:
    """Rows for these tables as head takes them, odd in these columns alone, and their parents."""
    names = tuple(dict.fromkeys(table for table, _ in wanted))
    tables = needed(head, names)
    traits = frozenset(trait for each in wanted.values() for trait in each)
    return Order(
        base=head,
        head=base,
        tables=tables,
        rows=ROWS,
        traits=traits,
        spared=frozenset(
            (table.full_name, column.name, trait)
            for table in head.tables
            if table.full_name in tables
            for column in table.columns
            for trait in traits - wanted.get((table.full_name, column.name), frozenset())
        ),
        far=frozenset(tables) - frozenset(names),
    )


def without(wanted: Loosened, places: Iterable[tuple[str, str]], trait: Trait) -> Loosened:
    """The rest, once rows with that trait in these columns are known to be refused.

    What a column takes for want of a CHECK has several traits, which are refused alike.
    """
    known = frozenset({trait}) if trait is not Trait.DROPPED else _UNCHECKED
    left = {
        place: traits - known if place in places else traits for place, traits in wanted.items()
    }
    return {place: traits for place, traits in left.items() if traits}


def _traits(before: Table, after: Table, values: Values) -> Iterator[tuple[str, Trait]]:
    for column in before.columns:
        then = after.column(column.name)
        if then is not None:
            for trait in _of_column(column, then, values):
                yield column.name, trait
    checks = {item.definition for item in after.constraints if item.kind == "check"}
    for item in before.constraints:
        if item.kind == "check" and item.definition not in checks:
            for name in item.columns:
                for trait in _UNCHECKED:
                    yield name, trait
    known = tuple(keys(after))
    for key in keys(before):
        if key not in known:
            for name in key.columns:
                yield name, Trait.DUPLICATES


def _of_column(before: Column, after: Column, values: Values) -> Iterator[Trait]:
    if after.nullable and not before.nullable:
        yield Trait.NULLS
    if narrower(after.type, before.type):
        yield from _SIZES
    if _labels(after.type, values) and not before.type.array:
        yield Trait.DROPPED


def _labels(kind: DataType, values: Values) -> bool:
    """Whether the enum has values that it did not have."""
    if kind.kind != "enum" or kind.array:
        return False
    return any(item not in values.labels(kind) for item in values.labels_before(kind))
