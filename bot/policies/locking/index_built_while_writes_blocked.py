"""An index of an existing table was built while nobody could write to the table.

CREATE INDEX holds SHARE on the table from beginning to end of the transaction: every INSERT, UPDATE
and DELETE waits, and the build takes as long as the table is large. Waiting writers fill the
connection pool, and then readers wait as well.

Build it CONCURRENTLY, outside a transaction (`autocommit_block`), in a revision of its own.

Reference: https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.index import build_concurrently
from bot.explain.statements.cause import Cause
from bot.explain.statements.group import blocked, told
from bot.explain.statements.locks import names, nobody_can, until
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (3, 4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that built indexes so."""
    for group in blocked(facts, options, Cause.INDEX_BUILD):
        first = group.items[0]
        built = [item for item in first.effects if "index" in item.kind and not item.constraint]
        name = built[0].relation.rpartition(".")[2] if built else ""
        index = f"the index {code(name)}" if name else "an index"
        remedy = build_concurrently(facts, [(item.ran, item.tables[0]) for item in group.items])
        yield told(
            group,
            f"{code(group.ran.revision.revision)} builds {index} in place: "
            f"{nobody_can(first.mode)} {code(first.tables[0])} {until(group.ran)}, and the build "
            "takes longer the more rows the table has.",
            (remedy,),
            title=f"Building {index} stops everybody who writes to {names(group.tables, 2)}",
        )
