"""A new business table had no soft-delete columns.

What is deleted is gone, with the answer to who deleted it and the way back; the other tables of the
project are asked for rows that are not deleted, and this one differs.

Add `is_deleted` and `deleted_at`, or exempt the table.

Reference: https://docs.sqlalchemy.org/en/20/orm/events.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.references import joins_two
from bot.explain.guesses.soft_delete import marks
from bot.explain.guesses.table_words import is_append_only, is_transient
from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import table_made
from bot.facts import Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "soft-delete"
PRESETS = (5,)
OPTIONS = {"exempt": "tables (`schema.name`) whose rows may be deleted for good"}

_COLUMNS = """\
sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
sa.Column("deleted_at", sa.DateTime(timezone=True)),"""


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table; associations, logs and short-lived rows are left out."""
    exempt = options.of("missing-soft-delete", "exempt", [""])
    for project in facts.projects:
        for table in new_tables(project):
            other = joins_two(table) or is_append_only(table) or is_transient(table)
            if other or marks(table).any or table.full_name in exempt:
                continue
            made = table_made(project, table)
            if made is None:
                continue
            yield made.finding(
                table,
                title=f"{code(table.full_name)} deletes for good",
                message=f"Rows of {code(table.full_name)} cannot be marked as deleted. That it is a"
                " business table is told by its name; a foreign key to a business table, or a row"
                " that users make, would make it certain.",
                subject=table.full_name,
                confidence=Confidence.LIKELY,
                remedies=(Remedy("Mark instead of deleting", block(_COLUMNS, "python")),),
            )
