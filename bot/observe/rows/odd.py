"""Odd values: those that a migration's author does not think of and real tables hold. Pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from bot.facts.data_types import DataType
from bot.facts.rows import Trait
from bot.observe.rows import numbers, times
from bot.observe.rows.json_shape import is_json
from bot.observe.rows.pattern import matches
from bot.observe.rows.rule import Rule
from bot.observe.rows.scalars import TEXTS
from bot.observe.rows.texts import long, unusual

# Traits of single values; the others (NULLs, duplicates, orphans) are traits of rows.
_EMPTY = {
    "json": ("{}", "[]", "null"), "jsonb": ("{}", "[]", "null"), "bytea": ("\\x",),
    "hstore": ("",), "tsvector": ("",), "bit varying": ("",),
}  # fmt: skip


def odd(column: str, kind: DataType, rule: Rule, traits: frozenset[Trait]) -> tuple[str, ...]:
    """Values of that type with one of these traits, those that the rule forbids left out."""
    if rule.allowed is not None or rule.null:
        return ()
    found: list[str] = []
    for trait in (Trait.EMPTY, Trait.LONG, Trait.EXTREMES, Trait.OLD_DATES, Trait.UNICODE):
        if trait in traits:
            found += _with(trait, column, kind)
    return tuple(item for item in dict.fromkeys(found) if _admitted(item, kind, rule))


def _with(trait: Trait, column: str, kind: DataType) -> tuple[str, ...]:
    base = kind.base.rpartition(".")[2]
    if kind.array:
        return ("{}",) if trait is Trait.EMPTY else ()
    if kind.kind in ("range", "multirange"):
        empty = "empty" if kind.kind == "range" else "{}"
        return (empty,) if trait is Trait.EMPTY else ()
    made: dict[Trait, tuple[str, ...]] = {Trait.EMPTY: _EMPTY.get(base, ())}
    if base in TEXTS - {"name"}:
        made = {
            Trait.EMPTY: ("", " "),
            Trait.LONG: (long(kind.length),),
            Trait.UNICODE: (unusual(column, kind.length),),
        }
    elif base in numbers.NUMBERS:
        made = {Trait.EXTREMES: numbers.extremes(kind)}
    elif base in times.TIMES:
        made = {Trait.OLD_DATES: times.extremes(kind)}
    return made.get(trait, ())


def _admitted(text: str, kind: DataType, rule: Rule) -> bool:
    if rule.look is not None and is_json(kind) and not rule.look.admits(text):
        return False
    if text in rule.excluded or not all(matches(pattern, text) for pattern in rule.patterns):
        return False
    if kind.base in numbers.NUMBERS:
        return _above(rule.low, text, 1) and _above(rule.high, text, -1)
    if kind.base in times.TIMES:
        return rule.low is None and rule.high is None
    longest = len(text) if rule.longest is None else rule.longest
    return rule.shortest <= len(text) <= longest


def _above(bound: tuple[str, bool] | None, text: str, sign: int) -> bool:
    if bound is None:
        return True
    try:
        distance = (Decimal(text) - Decimal(bound[0])) * sign
    except InvalidOperation:
        return False
    return distance > 0 or (distance == 0 and bound[1])
