"""Rows of an existing table were changed in the transaction that locked it for a schema change.

The lock of the schema change is held for as long as the rows take, or is waited for with all their
locks in hand: an instant's ALTER TABLE becomes an outage as long as the backfill.

Three revisions: the schema change, the rows in batches, then what needs them (NOT NULL, a key).

Reference: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.batches import PRICE, beginning, in_batches
from bot.explain.code.op_code import steps, upgrade
from bot.explain.code.splitting import written
from bot.explain.statements.backfill import unfilled_columns
from bot.explain.statements.group import Group, by_place, finding, in_transactions, message
from bot.explain.statements.locks import mode_name, names, nobody_can, until
from bot.explain.statements.ran import Ran
from bot.explain.statements.rows import Changed, changed_rows
from bot.facts import Facts
from bot.facts.locks import SHARE_ROW_EXCLUSIVE, strength, strongest
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PRESETS = (4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line, at the first change of a table's rows in its transaction."""
    for group in by_place(_found(facts, options), lambda it: it[0].ran, lambda it: (it[0].table,)):
        yield _finding(facts, group)


def _found(facts: Facts, options: Options) -> Iterator[tuple[Changed, list[Ran]]]:
    new = unfilled_columns(facts, options)
    for several in in_transactions(facts, options):
        seen: set[str] = set()
        for each in several:
            for item in changed_rows(each, new):
                lockers = _lockers(several, item)
                if lockers and _is_many(item) and item.table not in seen:
                    seen.add(item.table)
                    yield item, lockers


def _lockers(several: list[Ran], item: Changed) -> list[Ran]:
    """The other statements of the transaction that lock the table for a schema change."""
    return [
        each
        for each in several
        if each is not item.ran
        for effect in each.existing
        if effect.relation == item.table and _is_strong(effect.locks)
    ]


def _is_strong(modes: tuple[str, ...]) -> bool:
    return strength(strongest(modes) or "") >= strength(SHARE_ROW_EXCLUSIVE)


def _is_many(item: Changed) -> bool:
    """Not one row by its key: the table was read through, or more than one row was changed."""
    return item.whole or item.effect.scanned or item.rows > 1


def _finding(facts: Facts, group: Group[tuple[Changed, list[Ran]]]) -> Finding:
    item, lockers = group.items[0]
    each, locker = item.ran, lockers[0]
    modes = [effect.locks for effect in locker.existing if effect.relation == item.table]
    mode = strongest(modes[0]) or ""
    return finding(
        each,
        title=f"Rows of {names(group.tables, 2)} are changed while "
        f"{'their' if len(group.tables) > 1 else 'its'} schema change holds the lock",
        message=message(
            each,
            f"Line {locker.line} takes {code(mode_name(mode))} on {code(item.table)}, and this "
            f"statement changes its rows in the same transaction: {nobody_can(mode)} "
            f"{code(item.table)} {until(each)}, longer the more rows there are.",
            known=item.confidence,
        ),
        about=item.table,
        tables=group.tables,
        confidence=item.confidence,
        remedies=(_remedy(facts, item, lockers),),
        count=len(group.items),
    )


def _remedy(facts: Facts, item: Changed, lockers: list[Ran]) -> Remedy:
    at = item.ran.statement
    before = [each for each in lockers if _place(each) < _place(item.ran)]
    after = [each for each in lockers if each not in before]
    parts = []
    if before:
        parts.append(("The schema change, an instant:", upgrade(*_codes(facts, before))))
    fill = written(facts, item.ran)
    if item.modify is not None:
        sql = next((each.text for each in item.ran.pieces if item.modify in each.modifies), at.sql)
        table = item.table
        fill = in_batches(item.ran.project, table, item.modify, beginning(sql, item.modify))
    parts.append(("The rows, in a revision of their own:", upgrade(fill)))
    if after:
        parts.append(("What needs them, in a third:", upgrade(*_codes(facts, after))))
    return Remedy("Part the rows from the schema change", steps(*parts), PRICE)


def _codes(facts: Facts, several: list[Ran]) -> list[str]:
    return list(dict.fromkeys(written(facts, each) for each in several[:4]))


def _place(each: Ran) -> int:
    statements = each.revision.round_trip.upgrade.statements
    return next((at for at, item in enumerate(statements) if item is each.statement), 0)
