"""Columns of an existing table were left without planner statistics, and no ANALYZE followed.

A type change throws a column's statistics away; a new expression index and a column filled by a
backfill have none yet. Until autovacuum comes by, PostgreSQL guesses, and picks bad plans for the
table's queries right after the release.

Run ANALYZE on the table once the change is committed.

Reference: https://www.postgresql.org/docs/current/sql-analyze.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import autocommit
from bot.explain.names.names import execute, sql_name
from bot.explain.patch.changes import at_foot
from bot.explain.patch.patch import patched
from bot.explain.statements.backfill import unfilled_columns
from bot.explain.statements.group import by_place, finding
from bot.explain.statements.locks import names
from bot.explain.statements.ran import Ran, ran
from bot.explain.statements.rows import Changed, changed_rows
from bot.explain.statements.unplanned import unplanned
from bot.facts import Direction, Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import Vacuum
from bot.wording import block, code, verb

SEVERITY = Severity.NOTE
PRESETS = (5,)

Lost = tuple[Ran, str, str]


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line after which no ANALYZE of its table follows."""
    new = unfilled_columns(facts, options)
    lost: list[Lost] = []
    for each in ran(facts, options):
        if each.statement.direction is Direction.UPGRADE:
            lost = [item for item in lost if not _analysed(each, item[1])]
            lost += [(each, table, why) for table, why in unplanned(each)]
            lost += [
                (each, item.table, "fills rows of")
                for item in changed_rows(each, new)
                if item.whole and _fills(item, new)
            ]
    for group in by_place(iter(lost), lambda item: item[0], lambda item: (item[1],)):
        yield _finding(facts, group.ran, group.tables, group.items[0][2])


def _fills(item: Changed, new: set[tuple[str, str]]) -> bool:
    """Whether it fills a column of the change: values that were there before keep statistics."""
    columns = item.modify.columns if item.modify else ()
    return any((item.table, name) in new for name in columns)


def _analysed(each: Ran, table: str) -> bool:
    """Whether the statement is an ANALYZE of that table, or of all."""
    found = [item.detail for item in each.pieces if isinstance(item.detail, Vacuum)]
    return any(
        item.analyze and (not item.tables or any(name.names(table) for name in item.tables))
        for item in found
    )


def _finding(facts: Facts, each: Ran, tables: tuple[str, ...], why: str) -> Finding:
    code_ = autocommit(*[execute(f"ANALYZE {sql_name(table)}") for table in tables[:5]])
    return finding(
        each,
        title=f"{names(tables, 2)} {verb(tables, 'is', 'are')} left without statistics",
        message=f"{code(each.revision.revision)} {why} {names(tables)}, and no ANALYZE follows: "
        "until autovacuum analyses it, the planner guesses how many rows a condition finds there.",
        about="statistics:" + ",".join(tables),
        tables=tables,
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Analyse it at the end, after the commit",
                block(code_, "python"),
                "It reads a sample of the table and blocks nobody.",
                patched(facts, each.path, at_foot("upgrade", code_)),
            ),
        ),
        count=len(tables),
    )
