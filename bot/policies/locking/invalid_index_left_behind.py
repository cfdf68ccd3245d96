"""A failed concurrent build would leave an invalid index that the next attempt does not remove.

PostgreSQL keeps what a failed CREATE INDEX CONCURRENTLY built so far: an index that no query uses
and every write pays for. IF NOT EXISTS then finds it, says nothing and reports success; without it
the next attempt stops because the name is taken.

Drop the leftover first, in the same block: DROP INDEX CONCURRENTLY IF EXISTS.

Reference: https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import autocommit, create_index, drop_leftover, index_name
from bot.explain.patch.changes import before
from bot.explain.patch.patch import patched
from bot.explain.statements.group import finding
from bot.explain.statements.ran import Ran, ran
from bot.facts import Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import CreateIndex, Drop
from bot.wording import block, code

SEVERITY = Severity.NOTE
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each concurrent build that no DROP … IF EXISTS precedes."""
    dropped: set[tuple[str, str]] = set()
    for each in ran(facts, options):
        revision = each.revision.revision
        if "indisvalid" in each.statement.sql:
            dropped.add((revision, "*"))  # it looks for invalid indexes itself
        for piece in each.pieces:
            match piece.detail:
                case Drop(object="index", if_exists=True, names=several):
                    dropped |= {(revision, item.name) for item in several}
                case CreateIndex(concurrently=True) as index:
                    if not dropped & {(revision, index.name or ""), (revision, "*")}:
                        yield _finding(facts, each, index)
                case _:
                    pass


def _finding(facts: Facts, each: Ran, index: CreateIndex) -> Finding:
    table = next((item.relation for item in each.existing), f"public.{index.table.name}")
    name = index_name(index, table)
    leftover = drop_leftover(table, name)
    retry = (
        "`IF NOT EXISTS` then finds it, builds nothing and reports success: the index is missing "
        "for every query and nobody is told"
        if index.if_not_exists
        else "the next attempt then stops, because the name is taken"
    )
    return finding(
        each,
        title=f"A failed build of {code(name)} would stay behind, invalid",
        message=f"When the concurrent build of {code(name)} on {code(table)} fails or is "
        f"cancelled, PostgreSQL leaves it there as invalid; {retry}.",
        about=name,
        tables=(table,),
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Remove a leftover first",
                block(autocommit(leftover, create_index(index, table)), "python"),
                patch=patched(facts, each.path, before(each.line, leftover))
                if each.statement.transaction is None
                else None,
            ),
        ),
    )
