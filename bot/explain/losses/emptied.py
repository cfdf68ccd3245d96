"""Tables of the base that an upgrade empties: TRUNCATE, and DELETE of every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.losses.lost import TABLES
from bot.explain.losses.upgraded import Upgraded, is_opaque
from bot.explain.statements.ran import Ran
from bot.explain.statements.unseen_truncate import truncated_unseen
from bot.facts import Statement
from bot.facts.rows import Origin
from bot.policy import Confidence
from bot.sql import Piece, Truncate


@dataclass(frozen=True)
class Emptied:
    """One table without rows. ``unnamed``: the statement does not name it; a CASCADE reached it."""

    upgraded: Upgraded
    ran: Ran
    table: str
    confidence: Confidence
    unnamed: bool = False


def emptied(found: Upgraded) -> Iterator[Emptied]:
    """Tables that are emptied, each once, in the order of the statements."""
    done: set[str] = set()
    for each in found.ran:
        for item in _of(found, each):
            if item.table not in done:
                done.add(item.table)
                yield item


def _of(found: Upgraded, each: Ran) -> Iterator[Emptied]:
    named = [name for piece in each.pieces for name in _named(found, each, piece)]
    for table in named:
        if found.existed(table, each):
            yield Emptied(found, each, table, _sure(each, table))
    if any(isinstance(p.detail, Truncate) and p.detail.cascade for p in each.pieces):
        for effect in each.effects:
            reached = effect.rewritten and effect.existed and effect.kind in TABLES
            if reached and effect.relation not in named:
                yield Emptied(found, each, effect.relation, each.confidence, unnamed=True)
    for table, known in truncated_unseen(each):
        yield Emptied(found, each, table, known)
    if is_opaque(each.pieces):
        for table in _seen_empty(found, each.statement):
            yield Emptied(found, each, table, Confidence.OBSERVED)


def _named(found: Upgraded, each: Ran, piece: Piece) -> Iterator[str]:
    if isinstance(piece.detail, Truncate):
        yield from (found.relation(name, each) for name in piece.detail.tables)
    for modify in piece.modifies:
        if modify.command == "delete" and not (modify.restricts or modify.slices):
            yield found.relation(modify.table, each)


def _sure(each: Ran, table: str) -> Confidence:
    """Observed where the database showed it: new storage, or rows that went."""
    seen = any(
        effect.relation == table and (effect.rewritten or effect.deleted) for effect in each.effects
    )
    return Confidence.OBSERVED if seen and each.observed else Confidence.CERTAIN


def _seen_empty(found: Upgraded, statement: Statement) -> Iterator[str]:
    """Tables that lost all of the rows that they held when the change ran on rows.

    Only rows that the project itself gave count: a condition may fit all that were invented.
    """
    rows = found.project.rows
    trip = rows.trip(found.revision.revision) if rows else None
    for other in trip.upgrade.statements if trip else ():
        if (other.path, other.line, other.sql) != (statement.path, statement.line, statement.sql):
            continue
        for effect in other.effects:
            filled = rows.table(effect.relation) if rows else None
            own = filled is not None and filled.origin is not Origin.INVENTED
            if filled and own and effect.existed and 0 < filled.rows <= effect.deleted:
                yield effect.relation
