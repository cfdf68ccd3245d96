"""Columns whose type an upgrade made narrower."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.losses.narrowing import narrowed
from bot.explain.losses.removed_values import removed_values
from bot.explain.losses.upgraded import Upgraded, altered
from bot.explain.statements.ran import Ran
from bot.policy import Confidence
from bot.wording import several


@dataclass(frozen=True)
class Cast:
    """A column whose type became a narrower one; ``what`` is Markdown."""

    ran: Ran
    table: str
    column: str
    before: str
    after: str
    what: str
    confidence: Confidence
    values: tuple[str, ...] = ()


def casts(found: Upgraded) -> Iterator[Cast]:
    """Each column with the type that it had and the one that it has, in the order of statements."""
    for each, table, column, action in altered(found, "alter column type"):
        before, after, sure = _types(found, table, column, action.type or "")
        what = narrowed(before, after) if before and after else None
        own = ("column", f"{table}.{column}") in found.born
        if what and not own and found.existed(table, each):
            sure = sure if what.known else Confidence.LIKELY
            yield Cast(each, table, column, before, after, what.sentence, sure)
    for each, table, column, name, values in removed_values(found):
        what_then = f"rows that hold {several(values)} are refused"
        after = f"{name} without {', '.join(values)}"
        yield Cast(each, table, column, name, after, what_then, Confidence.OBSERVED, values)


def _types(found: Upgraded, table: str, column: str, written: str) -> tuple[str, str, Confidence]:
    """The column's type before and after, as the catalogue has it; else what the statement says."""
    for item in found.changed:
        if (item.kind, item.attribute, item.name) == ("column", "type", f"{table}.{column}"):
            return item.before or "", item.after or "", Confidence.OBSERVED
    known = found.column_at_base(table, column)
    if known is None or known.type.kind == "enum":  # a name says nothing of an enum's values
        return "", "", Confidence.CERTAIN
    return known.type.name, written, Confidence.CERTAIN
