"""A statement read a whole existing table while nobody could write to it.

ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on both tables while it compares every row of one with the
other: all writers of both wait, longer the more rows there are.

Add the constraint as NOT VALID, which is an instant, and validate it in a later revision: that
reads the table while everybody goes on.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.scan import without_scan
from bot.explain.statements.cause import Cause
from bot.explain.statements.group import blocked, told
from bot.explain.statements.locks import names, nobody_can, until
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that read tables so."""
    for group in blocked(facts, options, Cause.SCAN_OF_WRITERS):
        first = group.items[0]
        scanned = [item.relation for item in first.effects if item.scanned and item.existed]
        table = scanned[0] if scanned else first.tables[0]
        yield told(
            group,
            f"{code(group.ran.revision.revision)} compares every row of {code(table)} with the new "
            f"constraint: {nobody_can(first.mode)} {names(first.tables)} {until(group.ran)}, and "
            "that takes longer the more rows there are.",
            without_scan(facts, first.ran, table),
            title=f"Nobody can write to {names(group.tables, 2)} while rows are checked",
        )
