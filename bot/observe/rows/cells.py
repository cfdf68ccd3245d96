"""The value of one column in one row: ordinary, odd or NULL. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bot.facts.rows import Trait
from bot.observe.rows.odd import odd
from bot.observe.rows.plan import Planned
from bot.observe.rows.rule import ANYTHING, Rule, Rules
from bot.observe.rows.values import Values

EVERY = 5  # row of a nullable column that is NULL, where NULLs are wanted
_ORDINARY = 3  # rows with an ordinary value for each round of odd ones


class Cells:
    """Values for the columns of one table.

    ``traits`` says which odd values a column may have; ``unique`` are columns that may not repeat.
    """

    def __init__(
        self, values: Values, traits: Callable[[str], frozenset[Trait]], unique: frozenset[str]
    ) -> None:
        self._values = values
        self._traits = traits
        self._unique = unique
        self._odd: dict[str, tuple[str, ...]] = {}

    def value(self, column: Planned, rule: Rule, number: int, place: int | None) -> str | None:
        """The value for the row of that number, after a rule that holds for this row.

        ``place`` counts the rows in which odd values may stand, None for others.
        """
        if rule.null or (column.loose and self._null(column, place)):
            return None
        if place is not None:
            items = self._strange(column)
            which = (place + column.rank) % (len(items) + _ORDINARY)
            if which < len(items):
                return items[which]
            traits = self._traits(column.name)
            if Trait.DUPLICATES in traits and column.name not in self._unique:
                number //= 2
            elif Trait.MIXED_CASE in traits and place % 2 and _folds(column):
                same = self._values(column.name, column.type, rule, number - 1, column.rank)
                return same and same.upper()
        return self._values(column.name, column.type, rule, number, column.rank)

    def _null(self, column: Planned, place: int | None) -> bool:
        if place is None or Trait.NULLS not in self._traits(column.name):
            return False
        return place == 0 or (place + column.rank) % EVERY == 0

    def _strange(self, column: Planned) -> tuple[str, ...]:
        known = self._odd.get(column.name)
        if known is None:
            traits = self._traits(column.name)
            known = odd(column.name, *column.odd, traits) if column.odd else ()
            known += column.dropped if Trait.DROPPED in traits else ()
            self._odd[column.name] = known
        return known


def ruled(column: Planned, *rules: Rules) -> Rule:
    """What the column's type, the table's constraints and a partition demand together."""
    found = column.rule
    for each in rules:
        found = found.merged(each.get(column.name, ANYTHING)) or found
    return found


def _folds(column: Planned) -> bool:
    """Whether a text may be written in capitals as well."""
    if column.odd is None:
        return False
    kind, rule = column.odd
    text = kind.category == "S" and not kind.array
    return text and rule.allowed is None and not rule.patterns
