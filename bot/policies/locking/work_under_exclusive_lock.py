"""Work that grows with a table ran while ACCESS EXCLUSIVE on an existing table was held.

A lock lasts until the transaction ends, not until its statement does. An instant's ALTER TABLE
followed by an index build or a backfill in the same transaction shuts the altered table for as long
as the slow statement takes, even where that is about another table.

Put what takes the lock last, or into a revision of its own.

Reference: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.splitting import split
from bot.explain.statements.group import by_transaction, finding, in_transactions, message
from bot.explain.statements.locks import names, nobody_can, until
from bot.explain.statements.ran import Ran, ran_on_rows
from bot.explain.statements.repeated import repeated
from bot.facts import Facts
from bot.facts.locks import ACCESS_EXCLUSIVE
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code, verb

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each transaction, at the first statement that works under the lock.

    A loop over rows sends nothing while tables are empty: where a revision's statements grow with
    the rows, what it did on filled tables counts.
    """
    told = set()
    for several in in_transactions(facts, options):
        working = [each for each in several if _held(each) and _works_on(each)]
        if working:
            told.add(id(several[0].revision))
            yield _finding(facts, several, working)
    for several in by_transaction(ran_on_rows(facts)):
        at = several[0]
        lines = {item.line for item in repeated(at.project, at.revision)}
        working = [each for each in several if each.line in lines and _held(each)]
        working = [each for each in working if _works_on(each)]
        if working and id(at.revision) not in told:
            told.add(id(at.revision))
            yield _finding(facts, several, working)


def _held(each: Ran) -> list[str]:
    """Existing tables that an earlier statement of the transaction shut."""
    return [name for name, modes in each.held.items() if ACCESS_EXCLUSIVE in modes]


def _works_on(each: Ran) -> list[str]:
    """Existing tables of which the statement reads, writes or indexes all there is."""
    tables = {item.relation for item in each.existing}
    return [
        item.table
        for item in each.effects
        if item.table in tables
        and (item.scanned or item.rewritten or item.updated or item.deleted or item.created)
    ]


def _finding(facts: Facts, several: list[Ran], working: list[Ran]) -> Finding:
    first, shut = working[0], _held(working[0])
    takers: dict[str, Ran] = {}  # the first that shut each
    for item in several:
        for each in item.existing:
            if each.relation in shut and ACCESS_EXCLUSIVE in each.locks:
                takers.setdefault(each.relation, item)
    different: dict[tuple[str, int, str], Ran] = {}
    for item in working:
        different.setdefault((item.path, item.line, item.statement.sql), item)
    lines = sorted({item.line for item in working if item.path == first.path})
    rest = lines[1:6]
    more = f" (and so {'do' if len(rest) > 1 else 'does'} {_placed(rest)})" if rest else ""
    shutting = sorted({item.line for item in takers.values()})
    begun = _placed(shutting).capitalize() if shutting else "An earlier statement"
    on = list(dict.fromkeys(_works_on(first)))
    said = (
        f"{begun} {'shut' if len(shutting) > 1 else 'shuts'} {names(shut)}, and the transaction "
        f"goes on: "
        f"{nobody_can(ACCESS_EXCLUSIVE)} {names(shut)} {until(first)}. This statement takes longer "
        f"the more rows {names(on)} {verb(on, 'has', 'have')}{more}:"
    )
    stay = verb(shut, "stays", "stay")
    return finding(
        first,
        title=f"{names(shut, 2)} {stay} shut while {code(first.revision.revision)} goes on working",
        message=message(first, said),
        about=",".join(shut),
        tables=tuple(dict.fromkeys((*shut, *_works_on(first)))),
        confidence=first.confidence,
        remedies=(split(facts, list(takers.values())[:1], list(different.values())),),
        count=len(different),
    )


def _placed(lines: list[int]) -> str:
    return f"{'lines' if len(lines) > 1 else 'line'} {', '.join(map(str, lines))}"
