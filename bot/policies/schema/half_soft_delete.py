"""Soft deletion was half there: one of its two columns, a flag without default, or no index.

A flag alone does not say when, a time alone makes every query compare with NULL; a flag that can be
NULL hides rows from both `WHERE is_deleted` and `WHERE NOT is_deleted`; and each query filters by
it.

Have `is_deleted` NOT NULL with a default, `deleted_at`, and an index.

Reference: https://www.postgresql.org/docs/current/indexes-partial.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_index
from bot.explain.code.op_code import text
from bot.explain.guesses.soft_delete import Marks, marks, minds
from bot.explain.names.naming import index_name
from bot.explain.schema.new_objects import New, touched_tables
from bot.explain.schema.origin import column_made
from bot.facts import Facts, Project
from bot.facts.schema import Table
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "soft-delete"
PRESETS = (3, 5)

_FLAG = 'sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),'
_TIME = 'sa.Column("deleted_at", sa.DateTime(timezone=True)),'


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table that gained a soft-delete column, with all that it lacks."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            found = marks(table)
            lacks = dict(_lacks(project, table, found))
            old = marks(before) if before else Marks(None, None)
            if not found.any or not lacks or found.names == old.names or table.partition_of:
                continue
            column = found.flag or found.at
            made = column_made(project, New(table, column, base=before)) if column else None
            if made is None:
                continue
            *first, last = lacks
            told = f"{', '.join(first)} and {last}" if first else last
            yield made.finding(
                table,
                title=f"Soft deletion of {code(table.full_name)} lacks {told}",
                message=f"{code(table.full_name)} marks deleted rows, without {told}.",
                subject=table.full_name,
                column=column.name if column else None,
                remedies=(Remedy("Complete it", block("\n".join(lacks.values()), "python")),),
            )


def _lacks(project: Project, table: Table, found: Marks) -> Iterator[tuple[str, str]]:
    """What is missing, each with the code that adds it."""
    if found.flag is None:
        yield "a flag", _FLAG
    elif found.flag.nullable or found.flag.default is None:
        yield "a flag that is NOT NULL with a server default", _FLAG
    if found.at is None:
        yield "the time", _TIME
    if not any(minds(index, found) for index in table.indexes):
        keys, where = ("<what lists are sorted by>",), text(found.condition)
        name = index_name(project.schema, table.name, ("alive",))
        yield "an index", create_index(table, name, keys, postgresql_where=where)
