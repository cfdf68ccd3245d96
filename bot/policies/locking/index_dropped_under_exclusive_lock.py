"""An index was dropped under a lock that keeps out every reader and writer of its table.

DROP INDEX takes ACCESS EXCLUSIVE on the table until the transaction ends. It is over in an instant
once it has the lock, but it waits for every running query first, and all others wait behind it.

Drop it CONCURRENTLY, outside a transaction (`autocommit_block`).

Reference: https://www.postgresql.org/docs/current/sql-dropindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.index import drop_concurrently
from bot.explain.statements.group import by_place, finding, message
from bot.explain.statements.locks import names, until
from bot.explain.statements.ran import Ran, ran
from bot.facts import Effect, Facts
from bot.facts.locks import ACCESS_EXCLUSIVE
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that dropped indexes so."""
    found = ((each, item) for each in ran(facts, options) for item in _dropped(each))
    for group in by_place(found, lambda pair: pair[0], lambda pair: (pair[1].table,)):
        indexes = [item.relation for _, item in group.items]
        tables = tuple(name for name in group.tables if name)
        on = f" of {names(tables)}" if tables else ""
        yield finding(
            group.ran,
            title=f"Dropping {names(indexes, 2)} shuts {names(tables, 2) or 'its table'}",
            message=message(
                group.ran,
                f"{code(group.ran.revision.revision)} drops {names(indexes)} under ACCESS "
                f"EXCLUSIVE: it waits for every query{on} that is running, and nobody else can "
                f"begin one {until(group.ran)}.",
            ),
            about=",".join(indexes),
            tables=tables,
            confidence=group.ran.confidence,
            remedies=(drop_concurrently(facts, group.items),),
            count=len(indexes),
        )


def _dropped(each: Ran) -> Iterator[Effect]:
    """Indexes that went by themselves, not with their table, column or constraint."""
    gone = {item.relation for item in each.effects if item.dropped and "index" not in item.kind}
    altered = any(piece.kind == "alter table" for piece in each.pieces)
    for item in each.effects:
        alone = item.dropped and "index" in item.kind and not item.constraint and not altered
        if alone and item.existed and item.table not in gone and _shuts(each, item):
            yield item


def _shuts(each: Ran, index: Effect) -> bool:
    """Whether index or table was locked so: outside a transaction the table alone was watched."""
    own = [item for item in each.effects if item.relation in (index.relation, index.table)]
    return any(ACCESS_EXCLUSIVE in (*item.locks, *item.held) for item in own)
