"""Rows that only live for a while, or that the law wants erased, were only marked as deleted.

Tokens, sessions and caches pile up for ever, a marked token may still be found by a query that
forgot the mark, and data that has to be erased is still there.

Delete such rows.

Reference: https://www.postgresql.org/docs/current/sql-delete.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.soft_delete import marks
from bot.explain.guesses.table_words import is_transient
from bot.explain.schema.new_objects import New, touched_tables
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.NOTE
PACK = "soft-delete"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table whose marks are new."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            found = marks(table)
            mark = found.at or found.flag
            if mark is None or not is_transient(table) or (before and marks(before).any):
                continue
            made = column_made(project, New(table, mark, base=before))
            if made is None:
                continue
            sql = f"DELETE FROM {table.name} WHERE expires_at < now()"
            yield made.finding(
                table,
                title=f"{code(table.full_name)} keeps what it should forget",
                message=f"{code(table.full_name)} marks rows in {several(found.names)} instead of"
                " deleting them. That its rows are short-lived is told by its name; an expiry date"
                " in it would make it certain.",
                subject=table.full_name,
                column=mark.name,
                confidence=Confidence.LIKELY,
                remedies=(
                    Remedy(
                        "Delete the rows",
                        f"Without those columns, and with a job that runs:\n\n{block(sql, 'sql')}",
                    ),
                ),
            )
