"""Row security was on and no policy allowed a command.

Rows then vanish without an error: SELECT, UPDATE and DELETE find none, and an INSERT is refused.
It shows up as missing data, in the role that nobody tested with.

Create a policy for the command, or take the privilege away, so that it is an error.

Reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin import table_altered
from bot.explain.schema.row_security import changed, uncovered
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "row-security"
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table, with the commands that became impossible."""
    for project in facts.projects:
        rules = tenancy(project, options)
        for table, before in touched_tables(project):
            if not table.row_security or table.partition_of or not changed(table, before):
                continue
            old = uncovered(before) if before and before.row_security else ()
            lacking = tuple(name for name in uncovered(table) if name not in old)
            made = table_altered(project, table, "enable row security") if lacking else None
            if made is None:
                continue
            column = rules.column if rules and rules.of(table) else "owner_id"
            rule = f"{quoted(column)} = NULLIF(current_setting('app.{column}', true), '')::bigint"
            text = execute(f"CREATE POLICY own_rows ON {sql_name(table.full_name)}\n"
                           f"    USING ({rule})")  # fmt: skip
            yield made.finding(
                table,
                title=f"No policy of {code(table.full_name)} allows {several(lacking)}",
                message=f"Row security of {code(table.full_name)} is on. Whoever is held by it"
                f" finds no rows for {several(lacking)}, and no error says why.",
                subject=table.full_name,
                remedies=(
                    Remedy("Create a policy for what is allowed", block(text, "python")),
                    Remedy(
                        "Revoke what nobody is to do",
                        "A refused privilege is an error that names itself; a missing policy is"
                        " not.",
                    ),
                ),
            )
