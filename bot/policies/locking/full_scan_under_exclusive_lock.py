"""A statement read a whole existing table while nobody else could use it.

ACCESS EXCLUSIVE keeps out every reader and writer until the transaction ends. Holding it is cheap
for a change of the catalogue and ruinous for a scan, whose time grows with the table: an instant
here, minutes of downtime in production.

Do the slow part under a weaker lock first: add a CHECK as NOT VALID and validate it in a later
revision. SET NOT NULL and ATTACH PARTITION then trust it and read nothing.

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
from bot.wording import code, verb

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that read tables so."""
    for group in blocked(facts, options, Cause.SCAN):
        first = group.items[0]
        table = first.tables[0]
        yield told(
            group,
            f"{code(group.ran.revision.revision)} reads every row of {code(table)} to check them: "
            f"{nobody_can(first.mode)} {code(table)} {until(group.ran)}, and the scan takes longer "
            "the more rows the table has.",
            without_scan(facts, first.ran, table),
            title=f"{names(group.tables, 2)} {verb(group.tables, 'is', 'are')} read from end to "
            f"end while nobody can use {verb(group.tables, 'it', 'them')}",
        )
