"""Loops over batches that meet their rows again and again."""

from __future__ import annotations

from bot.explain.statements.rows import Changed
from bot.facts import FailureKind

_ROUNDS = 3  # for each row of the table: a loop that ends needs one at most


def rounds_until_stopped(item: Changed) -> int:
    """How often the line ran on tables with rows until it was stopped; 0 where it ended."""
    ran = item.ran
    seen = ran.project.rows
    trip = seen.trip(ran.revision.revision) if seen else None
    failure = trip.upgrade.failure if trip else None
    if trip is None or failure is None or failure.kind is not FailureKind.TIMEOUT:
        return 0
    rounds = sum((each.path, each.line) == (ran.path, ran.line) for each in trip.upgrade.statements)
    filled = seen.table(item.table) if seen else None
    return rounds if filled and rounds >= _ROUNDS * filled.rows else 0


def met_again(item: Changed) -> str | None:
    """A column that the loop looks for as NULL and may set to NULL."""
    modify = item.modify
    if modify is None or modify.command != "update" or item.rows:
        return None
    schema = item.ran.project.base_schema
    table = schema.table(item.table) if schema else None
    for column, value in zip(modify.columns, modify.values, strict=False):
        looked_for = column in modify.unfilled
        columns = [table.column(name) for name in value.columns] if table else []
        may_be_null = any(each is not None and each.nullable for each in columns)
        if looked_for and may_be_null and not value.never_null and not value.constant:
            return column
    return None
