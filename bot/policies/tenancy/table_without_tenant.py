"""A new table had no column that says whose its rows are.

Without it every query reads the rows of all tenants: none can be filtered, exported, restored or
deleted for one of them, and row security has nothing to compare.

Create the table with the column: NOT NULL, with a foreign key, indexed. A table that all tenants
share belongs into `tenant-exempt`.

Reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import python_string
from bot.explain.schema.new_objects import new_tables, touched_tables
from bot.explain.schema.origin import table_altered
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PACK = "tenancy"
PRESETS = (2, 3, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new table without it, and each old one that lost it."""
    for project in facts.projects:
        rules = tenancy(project, options)
        if rules is None:
            continue
        lost = [table for table, before in touched_tables(project) if before and rules.of(before)]
        for table in (*new_tables(project), *lost):
            if rules.shared(table) or table.column(rules.column):
                continue
            made = table_altered(project, table, "drop column")
            if made is None:
                continue
            setting = f"[tool.db-recheck]\ntenant-exempt = [{python_string(table.full_name)}]"
            yield made.finding(
                table,
                title=f"{code(table.full_name)} has no {code(rules.column)}",
                message=f"Nothing in {code(table.full_name)} says which of the {code(rules.short)}"
                " a row belongs to, so nothing can keep them apart.",
                subject=table.full_name,
                column=rules.column,
                remedies=(
                    Remedy(
                        f"Add {code(rules.column)}",
                        "Among its columns, and in the model:\n\n"
                        + block(rules.code(table), "python"),
                    ),
                    Remedy(
                        "Say that it is shared",
                        block(setting, "toml"),
                        trade_off="Its rows are then seen by everybody.",
                    ),
                ),
            )
