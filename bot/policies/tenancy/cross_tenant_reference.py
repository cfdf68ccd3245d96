"""A foreign key between tables of tenants did not carry the tenant.

A row of one tenant can refer to a row of another: by a guessed id, an import, a mistake. Joins then
show what they should not, and only the application stands in between.

Refer to the pair of tenant and id, for which the other table needs a unique key on that pair.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_foreign_key, create_unique
from bot.explain.schema.new_objects import new_constraints
from bot.explain.schema.origin import constraint_made
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "tenancy"
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new key."""
    for project in facts.projects:
        rules = tenancy(project, options)
        for new in new_constraints(project, "foreign key") if rules else ():
            key, head = new.thing, project.schema
            target = head.table(key.references or "") if head else None
            if rules is None or target is None or rules.refers(key) or not rules.of(target):
                continue
            if rules.of(new.table) is None or rules.column in key.columns:
                continue
            made = constraint_made(project, new)
            if made is None:
                continue
            columns = (rules.column, *key.columns)
            referenced = (rules.column, *key.referenced)
            unique = create_unique(
                target, f"uq_{target.name}_{'_'.join(referenced)}"[:63], referenced
            )
            foreign = create_foreign_key(
                new.table, key.name, columns, target.full_name, referenced, key.on_delete
            )
            yield made.finding(
                new.table,
                title=f"{code(key.name)} can lead from one tenant to another",
                message=f"Nothing guards that a row of {code(new.table.full_name)} and the row of"
                f" {code(target.full_name)} that it refers to have the same"
                f" {code(rules.column)}.",
                subject=f"{new.table.full_name}.{key.name}",
                remedies=(
                    Remedy(
                        f"Carry {code(rules.column)} in the key",
                        block(f"{unique}\n{foreign}", "python"),
                        trade_off=f"One more unique index on {code(target.full_name)}, to be built"
                        " concurrently where that has rows.",
                    ),
                ),
            )
