"""The column that says whose a row is had no foreign key.

Any number can stand there. Rows of a tenant that never existed, or was deleted, stay behind and
show up in whatever tenant gets that number next.

Add the foreign key, with ON DELETE RESTRICT.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_foreign_key
from bot.explain.schema.new_objects import New
from bot.explain.schema.origin import column_made
from bot.explain.schema.tenancy import Tenancy, owned, tenancy
from bot.facts import Facts, Project
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PACK = "tenancy"
PRESETS = (2, 3, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table whose column is new, or lost its key."""
    for project in facts.projects:
        rules = tenancy(project, options)
        if rules is None or rules.table is None or rules.key is None:
            continue
        for table, column, before in owned(project, rules):
            old = rules.of(before) if before else None
            if _guarded(project, rules, table) or (
                before and old and not _guarded(project, rules, before)
            ):
                continue
            made = column_made(project, New(table, column, old, before))
            if made is None:
                continue
            text = create_foreign_key(
                table,
                f"fk_{table.name}_{rules.short}",
                (column.name,),
                rules.table,
                (rules.key.name,),
                "RESTRICT",
            )
            yield made.finding(
                table,
                title=f"{code(column.name)} of {code(table.full_name)} refers to nothing",
                message=f"No foreign key ties {code(column.name)} to {code(rules.table)}, so"
                " nothing guards that the tenant of a row exists.",
                subject=f"{table.full_name}.{column.name}",
                column=column.name,
                remedies=(Remedy(f"Refer to {code(rules.table)}", block(text, "python")),),
            )


def _guarded(project: Project, rules: Tenancy, table: Table) -> bool:
    """Whether a key holds the column: the tenant's own, or one that carries it further."""
    for key in table.foreign_keys:
        if rules.column not in key.columns:
            continue
        target = project.schema.table(key.references or "") if project.schema else None
        carried = dict(zip(key.columns, key.referenced, strict=False)).get(rules.column)
        if rules.refers(key) or (target and rules.of(target) and carried == rules.column):
            return True
    return False
