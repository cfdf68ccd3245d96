"""Which statements changed rows of existing tables, and whether they took most of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.explain.statements.ran import Ran
from bot.facts import Effect
from bot.facts.locks import ROW_EXCLUSIVE
from bot.policy import Confidence
from bot.sql import AlterTable, Modify

_BLIND = ("do", "select", "call", "unknown")  # what they change is told by their effects alone


@dataclass(frozen=True)
class Changed:
    """A statement that changed rows of one existing table.

    ``modify`` is None for what no parser can look into (DO, a function). ``rows`` were counted.
    """

    ran: Ran
    effect: Effect
    modify: Modify | None
    whole: bool
    confidence: Confidence

    @property
    def rows(self) -> int:
        """How many rows it updated and deleted."""
        return self.effect.updated + self.effect.deleted

    @property
    def table(self) -> str:
        """The table's ``schema.name``."""
        return self.effect.relation


def changed_rows(ran: Ran, unfilled: Iterable[tuple[str, str]]) -> list[Changed]:
    """The UPDATEs and DELETEs of a statement. ``unfilled`` are columns that the change added.

    ``whole`` is true where the condition takes every row, or every row of a column that is new;
    where it looks for no value in particular it may, and the confidence is ``likely``.
    """
    new = set(unfilled)
    found = []
    for effect in ran.existing:
        modifies = [
            item
            for piece in ran.pieces
            for item in piece.modifies
            if item.table.names(effect.relation) and item.command in ("update", "delete", "merge")
        ]
        for modify in modifies:
            filled = {(effect.relation, name) for name in modify.unfilled}
            whole = not modify.restricts and modify.command != "merge"
            whole = (whole or (bool(filled) and filled <= new)) and not modify.slices
            known = _confidence(ran, effect, sure=whole)
            whole = whole or (modify.vague and not modify.slices)
            found.append(Changed(ran, effect, modify, whole, known))
        if not modifies and _blindly(ran, effect):
            found.append(Changed(ran, effect, None, effect.scanned, ran.confidence))
    return found


def _confidence(ran: Ran, effect: Effect, *, sure: bool) -> Confidence:
    """``likely`` where only rows could tell how many meet the condition, and there were none."""
    if ran.observed and effect.updated + effect.deleted > 0:
        return Confidence.OBSERVED
    return Confidence.CERTAIN if sure else Confidence.LIKELY


def _blindly(ran: Ran, effect: Effect) -> bool:
    """Whether it wrote and no parser sees what; a SELECT under an older lock may only have read."""
    blind = all(piece.kind in _BLIND for piece in ran.pieces)
    reads = all(piece.kind == "select" for piece in ran.pieces)
    writes = ROW_EXCLUSIVE in (*effect.locks, *(() if reads else effect.held))
    return ran.observed and blind and ((writes and effect.scanned) or effect.updated > 0)


def added_columns(statements: Iterable[Ran]) -> set[tuple[str, str]]:
    """Table and name of every column that these statements add to a table."""
    return {
        (item.relation, action.column)
        for ran in statements
        for piece in ran.pieces
        if isinstance(piece.detail, AlterTable)
        for action in piece.detail.actions
        if action.kind == "add column" and action.column
        for item in ran.effects
        if piece.detail.table.names(item.relation)
    }
