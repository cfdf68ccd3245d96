"""What a statement would not have to read if a validated constraint said it already."""

from __future__ import annotations

from bot.explain.code.op_code import alter, steps
from bot.explain.names.names import sql_name
from bot.explain.online.constraint import (
    VALIDATE_PRICE,
    add_not_valid,
    constraints_of,
    not_null_by_check,
    not_valid_first,
    validate,
)
from bot.explain.statements.ran import Ran
from bot.facts import Facts
from bot.policy import Remedy
from bot.sql import Action, AlterTable, Bound, Constraint, quoted
from bot.wording import code


def without_scan(facts: Facts, ran: Ran, relation: str) -> tuple[Remedy, ...]:
    """The ways to spare the scan, by the sub-commands that need it."""
    found: list[Remedy] = []
    for piece in ran.pieces:
        for action in piece.detail.actions if isinstance(piece.detail, AlterTable) else ():
            if action.kind == "set not null" and action.column:
                found.append(not_null_by_check(facts, ran, relation, action.column))
            if action.kind == "attach partition" and action.partition:
                found.append(_attached(ran, relation, action))
    found += [
        not_valid_first(facts, ran, relation, constraint)
        for _, constraint in constraints_of(ran)
        if constraint.type in ("foreign key", "check") and not constraint.not_valid
    ]
    return tuple(found) or (_elsewhere(relation),)


def _elsewhere(relation: str) -> Remedy:
    return Remedy(
        "Read the table in a transaction that holds no strong lock",
        f"Split the revision: what has to read {code(relation)} goes into one of its own, before "
        "or after the change of the catalogue that needs the lock.",
        "The two are no longer one transaction: each has to work with the other undone.",
    )


def _attached(ran: Ran, relation: str, action: Action) -> Remedy:
    """A CHECK that says what the partition's bound says; dropped once it is attached."""
    name = f"{relation.rpartition('.')[2]}_bound"
    parent = next((item.relation for item in ran.existing if item.relation != relation), "")
    bound = action.bound.sql if action.bound else ""
    attach = f"ATTACH PARTITION {sql_name(relation)} {bound or 'DEFAULT'}"
    proof = Constraint("check", name, expression=_condition(ran, parent, action.bound))
    last = [alter(parent, attach), alter(relation, f"DROP CONSTRAINT {quoted(name)}")]
    return Remedy(
        "Prove the bound with a validated CHECK first: ATTACH PARTITION then reads nothing",
        steps(
            ("In this revision, an instant:", add_not_valid(proof, relation)),
            ("In the next one, while everybody goes on:", validate(relation, name)),
            ("In a third, an instant:", "\n".join(last)),
        ),
        VALIDATE_PRICE,
    )


def _condition(ran: Ran, parent: str, bound: Bound | None) -> str:
    """The bound as a condition on the partition key, where that is one column."""
    schema = ran.project.base_schema
    table = schema.table(parent) if schema else None
    columns = table.partitioning.columns if table and table.partitioning else ()
    if len(columns) != 1 or columns[0] is None or bound is None or not bound.sql:
        return "… the partition's bound as a condition …"
    key = quoted(columns[0])
    parts = [f"{key} IS NOT NULL"]
    if bound.values:
        parts.append(f"{key} IN ({', '.join(bound.values)})")
    parts += [f"{key} >= {item}" for item in bound.lower if item != "MINVALUE"]
    parts += [f"{key} < {item}" for item in bound.upper if item != "MAXVALUE"]
    return " AND ".join(parts)
