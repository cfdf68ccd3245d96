"""A table of tenants had no row security.

Every query has to filter by itself, for ever: one that forgets, and every tool that connects with
the application's login, reads the rows of all.

Switch it on, force it, and create a policy that compares the tenant's column.

Reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.origin import table_altered
from bot.explain.schema.tenancy import owned, tenancy
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "row-security"
PRESETS = (5,)
OPTIONS = {"setting": "the session's setting that holds the tenant (`app.tenant_id`)"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table that is new, or newly of tenants, or was switched off."""
    setting = options.of("row-security-off", "setting", "")
    for project in facts.projects:
        rules = tenancy(project, options)
        for table, column, before in owned(project, rules) if rules else ():
            old = rules.of(before) if rules and before else None
            if table.row_security or (before and old and not before.row_security):
                continue
            made = table_altered(project, table, "disable row security")
            if made is None:
                continue
            yield made.finding(
                table,
                title=f"{code(table.full_name)} has no row security",
                message=f"PostgreSQL shows every row of {code(table.full_name)} to whoever may"
                f" read the table, whatever its {code(column.name)}.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        "Let PostgreSQL keep them apart",
                        block(secured(table, column, setting or f"app.{column.name}"), "python"),
                        trade_off="The application sets the tenant at the start of each"
                        " transaction (`SET LOCAL`, or `set_config(…, true)`), and jobs and"
                        " migrations of data have to, too.",
                    ),
                ),
            )


def secured(table: Table, column: Column, setting: str) -> str:
    """Alembic code that keeps the rows of that table apart by the column."""
    name, field = sql_name(table.full_name), quoted(column.name)
    rule = f"{field} = NULLIF(current_setting('{setting}', true), '')::{column.type.base}"
    return "\n".join(
        (
            execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"),
            execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"),
            execute(f"CREATE POLICY own_rows ON {name}\n    USING ({rule})"),
        )
    )
