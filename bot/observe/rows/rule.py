"""What the values of single columns must be, and how several demands make one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from itertools import islice

from bot.observe.rows.json_shape import Json

MOST_CHOICES = 24  # ways to satisfy the constraints of one table


@dataclass(frozen=True)
class Rule:
    """What the values of one column must be.

    ``null`` is True where it must be NULL, False where it must not. ``low`` and ``high`` are
    literals with whether they are allowed themselves. ``patterns`` are regular expressions.
    ``look`` is that of JSON.
    """

    null: bool | None = None
    allowed: tuple[str, ...] | None = None
    excluded: frozenset[str] = frozenset()
    low: tuple[str, bool] | None = None
    high: tuple[str, bool] | None = None
    shortest: int = 0
    longest: int | None = None
    patterns: tuple[str, ...] = ()
    look: Json | None = None

    def merged(self, other: Rule) -> Rule | None:
        """Both rules as one, None where they contradict each other."""
        if None not in (self.null, other.null) and self.null != other.null:
            return None
        allowed = self.allowed if other.allowed is None else other.allowed
        if self.allowed is not None and other.allowed is not None:
            allowed = tuple(item for item in self.allowed if item in other.allowed)
        excluded = self.excluded | other.excluded
        if allowed is not None:
            allowed = tuple(item for item in allowed if item not in excluded)
            if not allowed:
                return None
        look = self.look or other.look
        if self.look is not None and other.look is not None:
            look = self.look.merged(other.look)
            if look is None:
                return None
        longest = [item for item in (self.longest, other.longest) if item is not None]
        return Rule(
            self.null if other.null is None else other.null,
            allowed,
            excluded,
            _tighter(self.low, other.low, lower=True),
            _tighter(self.high, other.high, lower=False),
            max(self.shortest, other.shortest),
            min(longest, default=None),
            tuple(dict.fromkeys(self.patterns + other.patterns)),
            look,
        )


ANYTHING = Rule()
Rules = Mapping[str, Rule]


@dataclass(frozen=True)
class Choice:
    """One way to satisfy a constraint.

    ``ordered`` are pairs of columns of which the first must not be the greater one, ``equal`` pairs
    that must be alike. ``opaque`` is set where a part of the constraint was not understood.
    """

    rules: Rules = field(default_factory=dict)
    ordered: tuple[tuple[str, str], ...] = ()
    equal: tuple[tuple[str, str], ...] = ()
    opaque: bool = False

    def merged(self, other: Choice) -> Choice | None:
        """Both at once, None where they contradict each other."""
        rules = dict(self.rules)
        for name, rule in other.rules.items():
            both = rules.get(name, ANYTHING).merged(rule)
            if both is None:
                return None
            rules[name] = both
        return Choice(
            rules,
            self.ordered + other.ordered,
            self.equal + other.equal,
            self.opaque or other.opaque,
        )


OPAQUE = Choice(opaque=True)


def together(found: Iterable[tuple[Choice, ...]]) -> tuple[Choice, ...]:
    """The ways to satisfy several constraints at once; opaque where they seem to contradict."""
    all_of: tuple[Choice, ...] = (Choice(),)
    for ways in found:
        pairs = (left.merged(right) for right in ways for left in all_of)
        merged = tuple(islice((pair for pair in pairs if pair), MOST_CHOICES))
        all_of = merged or tuple(replace(item, opaque=True) for item in all_of)
    return all_of


def _tighter(
    one: tuple[str, bool] | None, other: tuple[str, bool] | None, *, lower: bool
) -> tuple[str, bool] | None:
    if one is None or other is None:
        return one or other
    if _order(one[0]) == _order(other[0]):
        return one if not one[1] else other
    first, last = sorted((one, other), key=lambda bound: _order(bound[0]))
    return last if lower else first


def _order(text: str) -> tuple[int, Decimal, str]:
    try:
        return (0, Decimal(text), "")
    except InvalidOperation:
        return (1, Decimal(0), text)
