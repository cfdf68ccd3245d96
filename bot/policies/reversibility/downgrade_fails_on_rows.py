"""The downgrade passed on empty tables and failed once they held rows.

It is needed when a release goes wrong, and then the tables hold rows: the way back stops half-way,
while the new release does not work either. Rows that the new schema takes and the old one does not
(NULLs, longer texts, duplicates, new enum values) are tried too: what only they stop is a note, as
the new release may never write them.

Give the rows that are there what the old schema demands: a default for a column that comes back, a
clean-up before a constraint returns.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.failures.refusal import finding, refused
from bot.facts import Direction, Facts
from bot.facts.rows import Trait
from bot.policy import Finding, Severity

SEVERITY = Severity.BLOCK
PRESETS = (2, 3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each way back that rows stop."""
    for project, item, refusal in refused(facts, Direction.DOWNGRADE):
        met = refusal.trait in (Trait.LATER, Trait.INVENTED)
        yield finding(project, item, refusal, Severity.WARN if met else Severity.NOTE)
