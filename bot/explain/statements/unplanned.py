"""What leaves columns of existing tables without the planner's statistics.

Source: PostgreSQL docs, "ALTER TABLE" (SET DATA TYPE: "the column's statistics are removed, so
running ANALYZE on the table afterwards is recommended") and "CREATE INDEX" (notes on expressions).
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.statements.ran import Ran
from bot.sql import Action, AlterTable, CreateIndex, Name, Piece
from bot.wording import code


def unplanned(ran: Ran) -> Iterator[tuple[str, str]]:
    """Existing tables, each with what the statement did to it in words that go before its name."""
    for piece in ran.pieces:
        table = _existing(ran, piece.relation)
        rewritten = any(item.rewritten and item.relation == table for item in ran.existing)
        why = _why(piece, rewritten=rewritten) if table else None
        if table and why:
            yield table, why


def _existing(ran: Ran, name: Name | None) -> str | None:
    found = [item.relation for item in ran.existing if name and name.names(item.relation)]
    return found[0] if found else None


def _why(piece: Piece, *, rewritten: bool) -> str | None:
    match piece.detail:
        case CreateIndex(keys=keys) as index if any(key.column is None for key in keys):
            return f"indexes an expression ({code(index.name or 'unnamed index')}) of"
        case AlterTable(actions=actions):
            reasons = (_of_action(action, rewritten=rewritten) for action in actions)
            return next((why for why in reasons if why), None)
        case _:
            return None


def _of_action(action: Action, *, rewritten: bool) -> str | None:
    if action.kind == "alter column type":
        return f"changes the type of {code(action.column or '')} in"
    filled = action.definition is not None and rewritten
    return f"fills the new column {code(action.column or '')} of" if filled else None
