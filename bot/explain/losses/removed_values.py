"""Enum types that lost values: columns of such a type refuse what they held."""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.losses.upgraded import Upgraded, altered
from bot.explain.schema.enums import values
from bot.explain.statements.ran import Ran
from bot.facts import Difference
from bot.sql import Action


def removed_values(found: Upgraded) -> Iterator[tuple[Ran, str, str, str, tuple[str, ...]]]:
    """For each column: the statement, table, column, type, and the values that the type lost.

    PostgreSQL drops no value of a type: the type was made anew under the old name, and the columns
    were given the new one. A value that was renamed is not lost.
    """
    for item in found.changed:
        gone = _gone(item)
        if not gone or ("type", item.name) in found.born:
            continue
        for each, table, column, action in altered(found, "alter column type"):
            if _is_of(action, item) and found.existed(table, each):
                yield each, table, column, item.name, gone


def _gone(item: Difference) -> tuple[str, ...]:
    if (item.kind, item.attribute) != ("type", "values"):
        return ()
    new = values(item.after)
    old = values(item.before)
    return tuple(value for value in old if value not in new)


def _is_of(action: Action, item: Difference) -> bool:
    """Whether the column gets a type of that name; the new one may be renamed afterwards."""
    bare = item.name.rpartition(".")[2]
    return bare in (action.type or "").replace('"', "").rpartition(".")[2]
