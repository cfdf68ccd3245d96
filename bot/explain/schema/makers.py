"""Whether a statement, as parsed, makes or drops an object of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts.relation import Constraint, Index
from bot.sql import AlterTable, CreateTable, Drop, Piece
from bot.sql import Column as ParsedColumn
from bot.sql import Constraint as ParsedConstraint


def drops_index(piece: Piece, index: Index) -> bool:
    """Whether the statement drops the index, or the constraint that it backs."""
    gone = piece.detail
    if isinstance(gone, Drop):
        return gone.object == "index" and any(name.names(index.name) for name in gone.names)
    if isinstance(gone, AlterTable):
        return any(
            action.kind == "drop constraint" and action.name == index.constraint
            for action in gone.actions
        )
    return False


def stated_constraints(piece: Piece, table: str) -> Iterator[ParsedConstraint]:
    """The constraints that a statement adds to the table."""
    made = piece.detail
    columns: list[ParsedColumn] = []
    if isinstance(made, CreateTable) and made.table.names(table):
        yield from made.constraints
        columns += made.columns
    elif isinstance(made, AlterTable) and made.table.names(table):
        for action in made.actions:
            if action.constraint:
                yield action.constraint
            if action.definition:
                columns.append(action.definition)
    for column in columns:
        yield from column.constraints


def states(made: ParsedConstraint, wanted: Constraint) -> bool:
    """Whether what was written is that constraint: by its name, else by its columns."""
    if made.type != wanted.kind:
        return False
    if made.name is not None:
        return made.name == wanted.name
    return made.type in ("check", "exclude") or made.columns == wanted.columns
