"""An existing table was written anew, row by row, while nobody could use it.

The new file, all indexes with it, is written under ACCESS EXCLUSIVE: readers and writers wait for
as long as that takes, the disk needs room for both copies, and replicas receive all of it.

Expand, copy, contract: add a new column, fill it in batches, swap the names. A change between
binary-compatible types (varchar to text, a longer varchar) and a constant default write nothing.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.column import rewriting
from bot.explain.statements.cause import Cause
from bot.explain.statements.group import blocked, told
from bot.explain.statements.locks import names, nobody_can, until
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code, verb

SEVERITY = Severity.BLOCK
PRESETS = (3, 4, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that rewrote tables."""
    for group in blocked(facts, options, Cause.REWRITE):
        first = group.items[0]
        table = first.tables[0]
        yield told(
            group,
            f"{code(group.ran.revision.revision)} writes {code(table)} anew: "
            f"{nobody_can(first.mode)} {code(table)} {until(group.ran)}, and that takes longer the "
            "more rows the table and the more indexes it has.",
            rewriting(first.ran, table),
            title=f"{names(group.tables, 2)} {verb(group.tables, 'is', 'are')} written anew "
            f"while nobody can use {verb(group.tables, 'it', 'them')}",
        )
