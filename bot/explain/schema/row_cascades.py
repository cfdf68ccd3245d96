"""Which tables lose rows when rows of another are deleted: chains of ON DELETE CASCADE."""

from __future__ import annotations

from collections.abc import Mapping

from bot.facts.schema import Schema

Links = Mapping[str, frozenset[str]]
"""For each table, by its ``schema.name``, those that are one step away."""


def cascades_down(schema: Schema) -> Links:
    """For each table those whose rows go with its rows, by one foreign key."""
    found: dict[str, set[str]] = {}
    for table in schema.tables:
        for key in table.foreign_keys:
            if key.on_delete == "CASCADE" and key.references and table.partition_of is None:
                found.setdefault(key.references, set()).add(table.full_name)
    return {name: frozenset(tables) for name, tables in found.items()}


def upwards(down: Links) -> Links:
    """The same links, walked the other way."""
    children = frozenset[str]().union(*down.values())
    return {name: frozenset(above for above in down if name in down[above]) for name in children}


def reached(start: str, links: Links) -> frozenset[str]:
    """Every table that can be reached from there, itself left out."""
    seen, pending = {start}, [start]
    while pending:
        new = links.get(pending.pop(), frozenset()) - seen
        seen |= new
        pending += sorted(new)
    return frozenset(seen - {start})
