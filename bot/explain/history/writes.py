"""Which tables the upgrades of a change write rows into."""

from __future__ import annotations

from bot.explain.history.revisions import present
from bot.facts import Project
from bot.sql import pieces


def written_tables(project: Project) -> set[str]:
    """Tables (``schema.name``) of head that an INSERT, UPDATE, COPY or function wrote to."""
    tables = [table.full_name for table in project.schema.tables] if project.schema else []
    found: set[str] = set()
    for item in present(project):
        for statement in item.round_trip.upgrade.statements:
            found |= {
                effect.table for effect in statement.effects if effect.inserted or effect.updated
            }
            for piece in pieces(statement.sql):
                for modify in piece.modifies:
                    found |= {name for name in tables if modify.table.names(name)}
                if piece.kind == "copy" and piece.relation:
                    found |= {name for name in tables if piece.relation.names(name)}
    return found
