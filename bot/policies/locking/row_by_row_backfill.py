"""Rows were changed one by one in a loop over the rows of a table.

A statement and a round trip for each row take minutes where one statement takes seconds, all of it
in one transaction that keeps every row locked.

One UPDATE with a join says the same and runs in the database; batches of it keep locks short.

Reference: https://www.postgresql.org/docs/current/sql-update.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.revisions import present
from bot.explain.python.loops import row_loops
from bot.explain.statements.repeated import Repeated, repeated
from bot.facts import ChangedRevision, Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PRESETS = (5,)

_ONE = """\
op.execute(
    \"\"\"
    UPDATE {table} SET … = source.…
    FROM … AS source
    WHERE source.id = {table}.id
    \"\"\"
)"""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line whose statements grew with the rows, or whose loop says so."""
    for project in facts.projects:
        for revision in present(project):
            seen = {item.line: item for item in repeated(project, revision)}
            for line, item in seen.items():
                yield _finding(project, revision, line, item)
            for loop in row_loops(facts, revision.path):
                if loop.line not in seen and not _is_new(revision, loop.table):
                    told = Repeated(loop.line, loop.command or "change", loop.table, 0, 0)
                    yield _finding(project, revision, loop.line, told)


def _is_new(revision: ChangedRevision, table: str | None) -> bool:
    """Whether the table was made by the change: its rows are few and nobody waits."""
    return table in {
        item.name.rpartition(".")[2]
        for item in revision.round_trip.upgrade.changed
        if item.kind == "table" and item.before is None
    }


def _finding(project: Project, revision: ChangedRevision, line: int, item: Repeated) -> Finding:
    known = (
        f"On tables with rows this line ran {item.times} of them, on empty ones {item.empty}."
        if item.times
        else "This is read from the code: the run met no row of it. `seed-sql` with a few rows "
        "would show how many statements it sends."
    )
    return Finding(
        path=revision.path,
        line=line,
        title=f"{code(item.table)} is changed row by row"
        if item.table
        else "Rows are changed one by one",
        message=f"The revision reads rows and sends one {code(item.command.upper())} for each: the "
        f"number of statements grows with the table. {known}",
        subject=f"{revision.revision}:{item.table or line}:row by row",
        confidence=Confidence.OBSERVED if item.times else Confidence.LIKELY,
        project=project.config,
        revision=revision.revision,
        tables=(_qualified(project, item.table),) if item.table else (),
        count=max(item.times, 1),
        remedies=(
            Remedy(
                "Let one statement change them all",
                block(_ONE.format(table=item.table or "target"), "python"),
                "What Python computes has to be said in SQL. Where that is not possible, write the "
                "results into a temporary table with one `executemany`, then join.",
            ),
        ),
    )


def _qualified(project: Project, table: str) -> str:
    base = project.base_schema
    known = [item.full_name for item in base.tables if item.name == table] if base else []
    return known[0] if known else f"public.{table}"
