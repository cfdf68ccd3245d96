"""A backfill in batches committed only at its end, or met the same rows again and again.

Batches are meant to let go of their locks in between. In one transaction all of them are kept, with
the WAL and the dead rows of a single statement. And a loop whose condition some rows always meet
again never ends.

Loop inside an `autocommit_block`, and go on by the key, so that every row is met once.

Reference: https://alembic.sqlalchemy.org/en/latest/api/runtime.html#alembic.runtime.migration.MigrationContext.autocommit_block
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.batches import PRICE, beginning, in_batches
from bot.explain.python.loops import loops_around
from bot.explain.statements.backfill import backfills
from bot.explain.statements.endless import met_again, rounds_until_stopped
from bot.explain.statements.group import Group, by_place, finding, message
from bot.explain.statements.locks import until
from bot.explain.statements.rows import Changed
from bot.facts import Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (3, 4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each loop that keeps its transaction, or that may not end."""
    found = (item for item in backfills(facts, options) if item.modify)
    for group in by_place(found, lambda item: item.ran, lambda item: (item.table,)):
        loops = loops_around(facts, group.ran.path, group.ran.line)
        again = met_again(group.items[0])
        rounds = rounds_until_stopped(group.items[0])
        if rounds:
            yield _stopped(group, rounds)
        elif any(loop.endless for loop in loops) and again:
            yield _endless(group, again)
        elif _is_batched(group, looped=bool(loops)) and not any(loop.commits for loop in loops):
            yield _kept(group)


def _is_batched(group: Group[Changed], *, looped: bool) -> bool:
    """Whether the line changes one table part by part, within one transaction."""
    first = group.items[0]
    sliced = first.modify is not None and first.modify.slices
    together = (
        first.ran.statement.transaction is not None
        and len({item.ran.statement.transaction for item in group.items}) == 1
    )
    return together and sliced and (looped or len(group.items) > 1)


def _kept(group: Group[Changed]) -> Finding:
    first = group.items[0]
    several = len(group.items)
    return _finding(
        group,
        f"The batches on {code(first.table)} are one transaction",
        f"{code(group.ran.revision.revision)} changes {code(first.table)} batch by batch and "
        f"commits none of them: every row stays locked {until(group.ran)}, as with one statement "
        "for all.",
        Confidence.CERTAIN if several > 1 or group.ran.observed else Confidence.LIKELY,
    )


def _stopped(group: Group[Changed], rounds: int) -> Finding:
    table = group.items[0].table
    seen = group.ran.project.rows
    filled = seen.table(table) if seen else None
    had = f" with {filled.rows:,} rows" if filled else ""
    return _finding(
        group,
        f"The loop over {code(table)} does not end",
        f"On {code(table)}{had} it went round at least {rounds:,} times and was stopped: rows "
        "that it has changed meet its condition again.",
        Confidence.OBSERVED,
    )


def _endless(group: Group[Changed], column: str) -> Finding:
    return _finding(
        group,
        f"The loop over {code(group.items[0].table)} may never end",
        f"It looks for rows whose {code(column)} is NULL and sets {code(column)} to something that "
        "can be NULL itself: such rows are found again in every round. (With a batch full of "
        "them, the loop makes no progress at all.)",
        Confidence.LIKELY,
    )


def _finding(group: Group[Changed], title: str, first: str, known: Confidence) -> Finding:
    item = group.items[0]
    remedy = Remedy("Commit each batch, and go on by the key", "", PRICE)
    if item.modify is not None:
        text = next(each.text for each in item.ran.pieces if item.modify in each.modifies)
        plain = item.modify.unsliced
        loop = in_batches(item.ran.project, item.table, plain, beginning(text, item.modify))
        remedy = Remedy(remedy.title, block(loop, "python"), PRICE)
    return finding(
        group.ran,
        title=title,
        message=message(group.ran, first, known=Confidence.OBSERVED),
        about=f"{item.table}:batches",
        tables=group.tables,
        confidence=known,
        remedies=(remedy,),
        count=len(group.items),
    )
