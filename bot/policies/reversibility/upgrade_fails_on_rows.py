"""The upgrade passed on empty tables and failed once they held rows.

An empty database is what tests and fresh installations have; production has rows. There the release
stops at this statement, and what ran before it outside its transaction stays.

Give rows that are there what the new schema demands of them, before it demands it: a default, a
backfill, a clean-up. Where only some values are in the way, count them first.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.failures.refusal import finding, refused
from bot.facts import Direction, Facts, Failure
from bot.policy import Finding, Severity
from bot.sql import AlterTable, CreateIndex, Modify, pieces

SEVERITY = Severity.BLOCK
PRESETS = (2, 3, 4, 5)

_OVERFLOW = "22003"  # numeric_value_out_of_range, PostgreSQL docs Appendix A


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each statement and each kind of rows that it does not bear."""
    for project, item, refusal in refused(facts, Direction.UPGRADE):
        yield finding(project, item, refusal, _weight(refusal.failure))


def _weight(failure: Failure) -> Severity:
    """A note where the statement is the safe way to find out, or only the largest numbers fail."""
    for piece in pieces(failure.statement or ""):
        match piece.detail:
            case AlterTable(actions=actions):
                if actions and all(each.kind == "validate constraint" for each in actions):
                    return Severity.NOTE
            case CreateIndex(unique=True, concurrently=True):
                return Severity.NOTE
            case Modify() if failure.sqlstate == _OVERFLOW:
                return Severity.NOTE
    return Severity.WARN
