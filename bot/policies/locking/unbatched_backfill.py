"""One UPDATE or DELETE took most rows of an existing table at once.

Every row that it changed stays locked until the transaction ends, and all of them are written again
with their index entries: hours on a large table, a burst of WAL that replicas fall behind on, and
as many dead rows for VACUUM.

Change some thousand rows at a time, each batch in a transaction of its own.

Reference: https://www.postgresql.org/docs/current/mvcc-intro.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.batches import PRICE, beginning, in_batches
from bot.explain.statements.backfill import backfills
from bot.explain.statements.group import by_place, finding, message
from bot.explain.statements.locks import names, until
from bot.explain.statements.rows import Changed
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (3, 4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line with such statements."""
    found = (item for item in backfills(facts, options) if item.whole)
    for group in by_place(found, lambda item: item.ran, lambda item: (item.table,)):
        first = group.items[0]
        counted = f" (here: {first.rows})" if first.rows else ""
        yield finding(
            group.ran,
            title=f"All rows of {names(group.tables, 2)} are changed by one statement",
            message=message(
                group.ran,
                f"{code(group.ran.revision.revision)} changes every row of "
                f"{names(group.tables)}{counted} in one statement. Each stays locked "
                f"{until(group.ran)}: whoever wants to change one waits, longer the more rows "
                "there are.",
                known=first.confidence,
            ),
            about=",".join(group.tables),
            tables=group.tables,
            confidence=first.confidence,
            remedies=_remedies(first),
            count=len(group.items),
        )


def _remedies(item: Changed) -> tuple[Remedy, ...]:
    title = "Change the rows in batches, each committed by itself"
    if item.modify is None:
        return (
            Remedy(title, "In Python instead of SQL, so that it can commit in between.", PRICE),
        )
    sql = next(piece.text for piece in item.ran.pieces if item.modify in piece.modifies)
    loop = in_batches(item.ran.project, item.table, item.modify, beginning(sql, item.modify))
    return (Remedy(title, "In a revision of its own:\n\n" + block(loop, "python"), PRICE),)
