"""All that one revision takes away: columns, tables, rows, and what a CASCADE reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.losses.cascade import taken_along
from bot.explain.losses.emptied import emptied
from bot.explain.losses.lost import TABLES, lost_columns, lost_tables
from bot.explain.losses.upgraded import Upgraded
from bot.explain.statements.ran import Ran
from bot.policy import Confidence


@dataclass(frozen=True)
class Destroyed:
    """One thing that is gone: ``kind`` is "column", "table" or "rows of table"."""

    ran: Ran
    kind: str
    name: str
    table: str
    confidence: Confidence


def destroyed(found: Upgraded) -> Iterator[Destroyed]:
    """What the revision destroys, in the order of the statements of each sort."""
    for lost in lost_columns(found):
        name = f"{lost.table}.{lost.column}"
        yield Destroyed(lost.ran, "column", name, lost.table, lost.confidence)
    for lost in lost_tables(found):
        yield Destroyed(lost.ran, "table", lost.table, lost.table, lost.confidence)
    for item in emptied(found):
        yield Destroyed(item.ran, "rows of table", item.table, item.table, item.confidence)
    for each, gone in taken_along(found):
        if gone.kind in ("column", *TABLES):
            table = gone.table or gone.name
            yield Destroyed(each, gone.kind, gone.name, table, Confidence.OBSERVED)
