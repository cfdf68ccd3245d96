"""A new amount, quantity or share had no CHECK, or a pair of start and end had no order.

A negative quantity, a discount of 400 % or an end before its start is accepted and found by an
accountant, months later.

State the limits that always hold as CHECK constraints while the table is empty.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-CHECK-CONSTRAINTS
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_check
from bot.explain.guesses.ranges import limits, started_by
from bot.explain.names.naming import constraint_name
from bot.explain.schema.new_objects import New, new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column, and one for each pair."""
    for project in facts.projects:
        domains = project.schema.domains if project.schema else ()
        ruled = {domain.name for domain in domains if domain.checks}
        for new in new_columns(project):
            rule = _rule(new, ruled)
            made = column_made(project, new) if rule else None
            if made is None or rule is None:
                continue
            what, condition = rule
            name = constraint_name("ck", new.table, new.thing.name)
            text = create_check(new.table, name, condition)
            yield made.finding(
                new.table,
                title=f"Nothing limits {code(new.thing.name)} of {code(new.table.full_name)}",
                message=f"{what}, and the database takes any. That is told by the name; what the"
                " application refuses would make it certain.",
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                confidence=Confidence.LIKELY,
                remedies=(Remedy(f"Require {code(condition)}", block(text, "python")),),
            )


def _rule(new: New[Column], ruled: set[str]) -> tuple[str, str] | None:
    """What the name promises and the condition that would keep it, where nothing does."""
    column, table = new.thing, new.table
    if new.before is not None or column.type.domain in ruled or column.generated:
        return None
    start = started_by(table, column)
    if start is not None and not _mentioned(table, start.name, column.name):
        condition = f"{quoted(start.name)} <= {quoted(column.name)}"
        return f"{code(column.name)} ends what {code(start.name)} begins", condition
    found = limits(table, column)
    if found is not None and not _mentioned(table, column.name):
        return found
    return None


def _mentioned(table: Table, *columns: str) -> bool:
    """Whether a CHECK or EXCLUDE has a say in them."""
    kinds = ("check", "exclude")
    return any(set(columns) <= set(c.columns) for c in table.constraints if c.kind in kinds) or any(
        all(name in c.definition for name in columns)
        for c in table.constraints
        if c.kind == "exclude"
    )
