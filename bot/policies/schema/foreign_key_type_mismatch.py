"""A foreign key had another type than the column that it refers to.

Values of the parent that do not fit cannot be referred to: an `integer` that points to a `bigint`
fails with the first id above 2,147,483,647. Joins convert row by row, and for some pairs of types
cannot use the index.

Give the referencing column the type of the column that it refers to.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.type import type_remedy
from bot.explain.schema.new_objects import New, touched_tables
from bot.explain.schema.origin import constraint_made
from bot.explain.schema.types import Fit, fit
from bot.facts import Facts, Project
from bot.facts.relation import Constraint
from bot.facts.schema import Column, Schema, Table
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each pair of columns; a warning where every value of the parent fits."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            old = {key.name: key for key in before.foreign_keys} if before else {}
            for key in table.foreign_keys:
                known = old.get(key.name)
                was = list(_pairs(before, known, project.base_schema)) if before and known else []
                for child, parent in _pairs(table, key, project.schema):
                    told = any(a.type == child.type and b.type == parent.type for a, b in was)
                    if not told and not key.inherited:
                        yield from _finding(project, New(table, key), child, parent, before)


def _pairs(table: Table, key: Constraint, schema: Schema | None) -> Iterator[tuple[Column, Column]]:
    """Each column of the key with the one that it refers to, where they do not fit."""
    parent = schema.table(key.references) if schema and key.references else None
    for mine, theirs in zip(key.columns, key.referenced, strict=False):
        child, other = table.column(mine), parent.column(theirs) if parent else None
        if child and other and fit(child.type, other.type) is not Fit.SAME:
            yield child, other


def _finding(
    project: Project,
    new: New[Constraint],
    child: Column,
    parent: Column,
    before: Table | None,
) -> Iterator[Finding]:
    made = constraint_made(project, new)
    if made is None:
        return
    table, key = new.table, new.thing
    wider = fit(child.type, parent.type) is Fit.WIDER
    mine, theirs = code(child.type.name), code(parent.type.name)
    yield made.finding(
        table,
        title=f"{code(child.name)} of {code(table.full_name)} is {mine}, but refers to {theirs}",
        message=f"{code(key.name)} points from {mine} to {code(f'{key.references}.{parent.name}')},"
        f" which is {theirs}. "
        + (
            "Every value of the parent fits, but each comparison converts and each row holds more"
            " than it needs."
            if wider
            else "A value of the parent that does not fit can never be referred to."
        ),
        subject=f"{table.full_name}.{key.name}.{child.name}",
        column=child.name,
        severity=Severity.WARN if wider else None,
        remedies=type_remedy(made, table, child, parent.type, before),
    )
