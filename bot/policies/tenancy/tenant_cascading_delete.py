"""The foreign key to the tenant deleted, or emptied, rows together with the tenant.

One DELETE of one row takes everything that this customer ever stored, in every table, under locks,
and nobody asked for it by name. SET NULL leaves rows that belong to nobody.

Restrict it, and remove a tenant step by step, in code that knows what has to be kept.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_foreign_key
from bot.explain.schema.new_objects import new_constraints
from bot.explain.schema.origin import constraint_made
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.facts.relation import Constraint
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "tenancy"
PRESETS = (5,)

_TAKES = ("CASCADE", "SET NULL", "SET DEFAULT")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each key that is new, or has another action than before."""
    for project in facts.projects:
        rules = tenancy(project, options)
        for new in new_constraints(project, "foreign key") if rules else ():
            key = new.thing
            if rules is None or not rules.refers(key) or rules.column not in key.columns:
                continue
            if rules.shared(new.table) or not new.newly(_takes):
                continue
            made = constraint_made(project, new)
            if made is None:
                continue
            does = "are deleted" if key.on_delete == "CASCADE" else f"lose {code(rules.column)}"
            text = create_foreign_key(
                new.table, key.name, key.columns, rules.table or "", key.referenced, "RESTRICT"
            )
            yield made.finding(
                new.table,
                title=f"Rows of {code(new.table.full_name)} go with their {code(rules.column)}",
                message=f"When a row of {code(rules.table or '')} is deleted, its rows of"
                f" {code(new.table.full_name)} {does} with it, by {code(key.name)}"
                f" (ON DELETE {key.on_delete}).",
                subject=f"{new.table.full_name}.{key.name}",
                remedies=(Remedy("Restrict it", block(text, "python")),),
            )


def _takes(key: Constraint) -> bool:
    return key.on_delete in _TAKES
