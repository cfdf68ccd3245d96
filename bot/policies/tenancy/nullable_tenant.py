"""The column that says whose a row is could be NULL.

A row of nobody is left out by every filter and every policy, or is shown to all of them. No foreign
key looks at it, and a unique key that holds the column does not count it.

Make the column NOT NULL. On a table with rows: add it, fill it, then set NOT NULL.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import alter_column
from bot.explain.schema.new_objects import New, new_columns
from bot.explain.schema.origin import column_made
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PACK = "tenancy"
PRESETS = (2, 3, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each column; a note where rows must be filled in before."""
    for project in facts.projects:
        rules = tenancy(project, options)
        for new in new_columns(project) if rules else ():
            if rules is None or rules.of(new.table) is not new.thing or _required(new.table, new):
                continue
            if not new.newly(lambda column: column.nullable) or new.table.partition_of:
                continue
            made = column_made(project, new)
            if made is None:
                continue
            first_step = new.base is not None and new.before is None
            text = alter_column(new.table, new.thing.name, nullable="False")
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} of {code(new.table.full_name)} can be NULL",
                message=f"A row of {code(new.table.full_name)} without {code(new.thing.name)}"
                " belongs to nobody: filters miss it, and no foreign key checks it."
                + (
                    " Rows that are there already need a value first; do not stop half way."
                    if first_step
                    else ""
                ),
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                severity=Severity.NOTE if first_step else None,
                remedies=(
                    Remedy(
                        "Make it NOT NULL once every row has one"
                        if new.base is not None
                        else "Make it NOT NULL",
                        block(text, "python")
                        if new.base is not None
                        else block(rules.code(new.table), "python"),
                    ),
                ),
            )


def _required(table: Table, new: New[Column]) -> bool:
    """Whether a CHECK forbids NULL, as the way to NOT NULL without a scan has it."""
    rule = f"CHECK (({new.thing.name} IS NOT NULL))"
    return any(item.kind == "check" and item.definition == rule for item in table.constraints)
