"""What the bounds of a table's partitions demand of its rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.facts.schema import Schema, Table
from bot.observe.rows.expression import Node, read
from bot.observe.rows.rule import ANYTHING, Rule, Rules
from bot.observe.rows.tokens import Unreadable

_RANGE = re.compile(r"FOR VALUES FROM (\(.*\)) TO (\(.*\))", re.DOTALL)
_LIST = re.compile(r"FOR VALUES IN (\(.*\))", re.DOTALL)
_OPEN = ("MINVALUE", "MAXVALUE")


def parts(table: Table, schema: Schema) -> tuple[Rules, ...]:
    """For each partition that holds rows itself, the rules of the key's columns.

    Partitions whose bounds are not understood have no rules; a table without partitions has none.
    """
    if table.partitioning is None:
        return ()
    return tuple(_leaves(table, schema, {}))


def _leaves(table: Table, schema: Schema, above: Rules) -> Iterator[Rules]:
    for part in schema.tables:
        if part.partition_of != table.full_name:
            continue
        rules = _both(above, _rules(table, part.bound or ""))
        if part.partitioning is None:
            yield rules
        else:
            yield from _leaves(part, schema, rules)


def _both(one: Rules, other: Rules) -> Rules:
    merged = dict(one)
    for name, rule in other.items():
        merged[name] = merged.get(name, ANYTHING).merged(rule) or rule
    return merged


def _rules(table: Table, bound: str) -> Rules:
    keys = table.partitioning.columns if table.partitioning else ()
    if None in keys:
        return {}
    names = [name for name in keys if name is not None]
    found = _LIST.match(bound)
    if found:
        values = _listed(found[1])
        known = tuple(item for item in values if item is not None)
        return {names[0]: Rule(allowed=known) if known else Rule(null=True)} if names else {}
    found = _RANGE.match(bound)
    if not found:
        return {}
    low, high = _listed(found[1]), _listed(found[2])
    if len(names) == 1:
        return {names[0]: _between(low[0], high[0])}
    # A range of several columns holds its own lower end; what else it holds depends on all of them.
    return {
        name: Rule(allowed=(value,)) if value is not None else _between(None, end)
        for name, value, end in zip(names, low, high, strict=False)
    }


def _between(low: str | None, high: str | None) -> Rule:
    return Rule(
        null=False,
        low=None if low is None else (low, True),
        high=None if high is None else (high, False),
    )


def _listed(text: str) -> list[str | None]:
    """The literals in parentheses; None for NULL and for no bound."""
    try:
        tree = read(f"listed{text}")
    except Unreadable:
        return [None]
    return [_literal(part) for part in tree.parts] or [None]


def _literal(node: Node) -> str | None:
    return node.name if node.kind == "literal" and node.name.upper() not in _OPEN else None
