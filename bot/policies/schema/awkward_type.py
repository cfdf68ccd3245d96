"""A new column had a type that does something else than most expect.

`char(n)` pads with spaces, `money` depends on the server's locale, `timetz` has a zone and no day,
`real` and `double precision` lose cents, `timestamp(0)` rounds to the next second.

Use the type that holds what is meant.

Reference: https://wiki.postgresql.org/wiki/Don%27t_Do_This#Data_types
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.column_words import AMOUNTS, ends_with_word, is_time
from bot.explain.remedies.type import type_remedy
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.data_types import DataType
from bot.facts.schema import Column
from bot.policy import Confidence, Finding, Severity
from bot.wording import code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)

_MONEY = DataType("numeric(12,2)", "numeric", category="N", precision=12, scale=2)
_TEXT = DataType("text", "text", category="S")
_ZONED = DataType("timestamp with time zone", "timestamp with time zone", category="D")
_FLOATS = ("real", "double precision")
_ALWAYS = {
    "character": (
        "It fills up with spaces, which some comparisons ignore and others do not",
        _TEXT,
    ),
    "money": ("How it is written and rounded depends on the server's `lc_monetary`", _MONEY),
    "time with time zone": ("A zone without a day means nothing where clocks change", _ZONED),
}


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column."""
    for project in facts.projects:
        for new in new_columns(project):
            made = column_made(project, new) if new.newly(lambda item: bool(_fault(item))) else None
            fault = _fault(new.thing)
            if made is None or fault is None:
                continue
            why, better = fault
            by_name = new.thing.type.base in _FLOATS
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} of {code(new.table.full_name)} is"
                f" {code(new.thing.type.name)}",
                message=f"{why}."
                + (
                    " That it holds an amount is told by its name; a CHECK or a comment that says"
                    " so would make it certain."
                    if by_name
                    else ""
                ),
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                confidence=Confidence.LIKELY if by_name else Confidence.CERTAIN,
                remedies=type_remedy(made, new.table, new.thing, better, new.base),
            )


def _fault(column: Column) -> tuple[str, DataType] | None:
    """What is wrong with the type, and the one that is meant."""
    kind = column.type
    if kind.array or kind.kind != "base":
        return None
    if kind.base in _ALWAYS:
        return _ALWAYS[kind.base]
    if kind.base in _FLOATS and ends_with_word(column.name, AMOUNTS):
        return f"Sums of {code(kind.base)} lose cents: 0.1 + 0.2 is not 0.3", _MONEY
    if is_time(kind) and kind.precision == 0:
        exact = DataType(kind.base, kind.base, category="D")
        return "It rounds: half a second before midnight becomes tomorrow", exact
    return None
