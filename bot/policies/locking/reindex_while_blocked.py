"""REINDEX, CLUSTER, VACUUM FULL or REFRESH MATERIALIZED VIEW ran while others had to wait.

They read all rows and write them, or the indexes, anew, under a lock that keeps out at least every
writer and mostly every reader. A migration holds it until it commits.

REINDEX and REFRESH have a CONCURRENTLY of their own. CLUSTER and VACUUM FULL belong in maintenance,
with a tool that works beside the running table.

Reference: https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.index import maintain_concurrently
from bot.explain.statements.cause import Cause
from bot.explain.statements.group import blocked, told
from bot.explain.statements.locks import names, nobody_can, until
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that ran such a command."""
    for group in blocked(facts, options, Cause.REINDEX):
        first = group.items[0]
        command = first.ran.pieces[0].kind.upper()
        yield told(
            group,
            f"{code(group.ran.revision.revision)} runs {code(command)} without CONCURRENTLY: "
            f"{nobody_can(first.mode)} {code(first.tables[0])} {until(group.ran)}, and it takes "
            "longer the larger it is.",
            (maintain_concurrently(first.ran, first.tables[0]),),
            title=f"{code(command)} of {names(group.tables, 2)} makes others wait",
        )
