"""A new table was UNLOGGED.

A crash or a hard stop of the server empties it, and no replica has its rows.

Leave UNLOGGED out, or say in a comment on the table what fills it again.

Reference: https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin import table_altered
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table that is new or became so, and has no comment that says why."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            known = bool(table.comment) or (before and before.persistence == "unlogged")
            if table.persistence != "unlogged" or known:
                continue
            made = table_altered(project, table, "set unlogged")
            if made is None:
                continue
            name = code(table.full_name)
            text = execute(f"ALTER TABLE {sql_name(table.full_name)} SET LOGGED")
            yield made.finding(
                table,
                title=f"{name} is emptied by a crash",
                message=f"{name} is unlogged: after a crash of the server it is empty, and replicas"
                " never have a row of it.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        "Create it as an ordinary table",
                        f"Without `UNLOGGED`, or:\n\n{block(text, 'python')}",
                        trade_off="Writes to it go through the write-ahead log like all others.",
                    ),
                ),
            )
