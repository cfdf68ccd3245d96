"""Constraints and indexes whose name PostgreSQL chose, because the statement gave none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.schema.new_objects import New, changes
from bot.explain.schema.origin import Origin, constraint_made, index_made, written_constraint
from bot.facts import Project
from bot.facts.relation import Constraint, Index
from bot.facts.schema import Table
from bot.sql import CreateIndex, pieces


@dataclass(frozen=True)
class Nameless:
    """One of them; ``kind`` is "primary key", "unique", …, or "index"."""

    table: Table
    thing: Constraint | Index
    kind: str
    made: Origin


def nameless(project: Project) -> Iterator[Nameless]:
    """Those of the change; what was not parsed is left out, because nobody knows."""
    found = changes(project)
    for constraint in found.constraints:
        made = constraint_made(project, constraint) if _is_new(constraint) else None
        written = written_constraint(made, constraint) if made else None
        if made and written and written.name is None and written.using_index is None:
            yield Nameless(constraint.table, constraint.thing, constraint.thing.kind, made)
    for index in found.indexes:
        if index.thing.constraint is None and index.before is None:
            origin = index_made(project, index)
            if origin is not None and _chosen(origin, index):
                yield Nameless(index.table, index.thing, "index", origin)


def _is_new(constraint: New[Constraint]) -> bool:
    return constraint.before is None


def _chosen(made: Origin, index: New[Index]) -> bool:
    """Whether the statement that made the index names none on its table."""
    if made.statement is None:
        return False
    found = [piece.detail for piece in pieces(made.statement.sql)]
    made_here = [
        item
        for item in found
        if isinstance(item, CreateIndex) and item.table.names(index.table.full_name)
    ]
    bare = index.thing.name.partition(".")[2]
    return any(item.name is None for item in made_here) and all(
        item.name != bare for item in made_here
    )
