"""Constraints that bind new rows alone: what was there before them may be otherwise. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.facts.relation import Constraint
from bot.facts.rows import Trait
from bot.facts.schema import Schema, Table


def waived(table: Table, head: Schema, traits: Collection[Trait]) -> tuple[Constraint, ...]:
    """Those that are NOT VALID at base and valid at head, where such rows are wanted.

    PostgreSQL has not looked at the rows that were there when they were added ("ALTER TABLE",
    ADD … NOT VALID). Partitioned tables share theirs with others and keep them.
    """
    after = head.table(table.full_name)
    if not traits or after is None or table.partitioning or table.partition_of:
        return ()
    valid = {item.name for item in after.constraints if item.validated}
    return tuple(
        item
        for item in table.constraints
        if not item.validated
        and item.enforced
        and not item.inherited
        and item.comment is None
        and item.name in valid
        and (item.kind == "check" or (item.kind == "foreign key" and Trait.ORPHANS in traits))
    )


def without(table: Table, constraints: Collection[Constraint]) -> Table:
    """The table as if these were not there."""
    if not constraints:
        return table
    return replace(
        table, constraints=tuple(item for item in table.constraints if item not in constraints)
    )
