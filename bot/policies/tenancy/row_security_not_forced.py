"""Row security was switched on and not forced.

A table's owner is not held by its policies. Where the application connects as the role that
migrates, as most do, the policies are there and do nothing.

Force it, or let the application connect as a role that owns nothing.

Reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin import table_altered
from bot.facts import Facts
from bot.facts.schema import Table
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "row-security"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table for which this is new."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            if not _unforced(table) or (before and _unforced(before)) or table.partition_of:
                continue
            made = table_altered(project, table, "enable row security")
            if made is None:
                continue
            text = execute(f"ALTER TABLE {sql_name(table.full_name)} FORCE ROW LEVEL SECURITY")
            yield made.finding(
                table,
                title=f"The owner of {code(table.full_name)} is not held by its policies",
                message=f"Whoever connects as {code(table.owner or 'the owner')} reads and writes"
                f" every row of {code(table.full_name)}.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        "Force it",
                        block(text, "python"),
                        trade_off="Migrations of data and dumps then need a role with BYPASSRLS, or"
                        " the setting that the policies ask for.",
                    ),
                ),
            )


def _unforced(table: Table) -> bool:
    return table.row_security and not table.forced_row_security
