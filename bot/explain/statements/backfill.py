"""Backfills: statements that change rows of tables which were there before the change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.explain.statements.ran import ran
from bot.explain.statements.rows import Changed, added_columns, changed_rows
from bot.facts import Facts
from bot.policy import Confidence, Options


def unfilled_columns(facts: Facts, options: Options) -> set[tuple[str, str]]:
    """Table and name of each column that the change adds: NULL in every row at first."""
    return added_columns(ran(facts, options))


def backfills(facts: Facts, options: Options) -> Iterator[Changed]:
    """Every UPDATE, DELETE and MERGE of existing tables, in the order in which they ran.

    Where the revision ran again on tables with rows, those tell how many the statement takes.
    """
    statements = ran(facts, options)
    new = added_columns(statements)
    for each in statements:
        yield from (_counted(item) for item in changed_rows(each, new))


def _counted(item: Changed) -> Changed:
    """With the rows that it took of a filled table: at least half of them count as all."""
    seen = item.ran.project.rows
    trip = seen.trip(item.ran.revision.revision) if seen else None
    filled = seen.table(item.table) if seen else None
    if trip is None or filled is None or filled.rows < _ENOUGH:
        return item
    own = item.ran.statement
    effects = [
        effect
        for each in trip.upgrade.statements
        if (each.path, each.line, each.sql) == (own.path, own.line, own.sql)
        for effect in each.effects
        if effect.relation == item.table and effect.updated + effect.deleted > 0
    ]
    if len(effects) != 1:  # none: it met no invented row, which says nothing of real ones
        return item
    most = effects[0].updated + effects[0].deleted >= filled.rows / 2
    sliced = item.modify is not None and item.modify.slices
    known = Confidence.OBSERVED if most else item.confidence
    whole = most and not sliced
    return replace(item, effect=effects[0], whole=whole or item.whole, confidence=known)


_ENOUGH = 10  # rows: fewer say nothing about most of them
