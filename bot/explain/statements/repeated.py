"""Statements that a revision sent more often the more rows there were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.facts import ChangedRevision, FailureKind, Project, Statement
from bot.sql import pieces

_MANY = 10  # more statements than on empty tables: fewer may have another reason


@dataclass(frozen=True)
class Repeated:
    """A line that changed rows: ``times`` on tables with rows, ``empty`` on empty ones.

    ``command`` and ``table`` are those of its first statement.
    """

    line: int
    command: str
    table: str | None
    times: int
    empty: int


def repeated(project: Project, revision: ChangedRevision) -> list[Repeated]:
    """The lines of the revision whose statements grew with the rows of its tables."""
    trip = project.rows.trip(revision.revision) if project.rows else None
    failure = trip.upgrade.failure if trip else None
    if trip is None or (failure is not None and failure.kind is FailureKind.TIMEOUT):
        return []  # what never ends does not tell how it grows
    on_rows = _by_line(revision.path, trip.upgrade.statements)
    empty = _by_line(revision.path, revision.round_trip.upgrade.statements)
    found = []
    for line, statements in on_rows.items():
        times, before = _times(statements), _times(empty.get(line, ()))
        modify = next(
            (m for each in statements for p in pieces(each.sql) for m in p.modifies), None
        )
        if modify and times - before >= _MANY:
            found.append(Repeated(line, modify.command, modify.table.name, times, before))
    return found


def _by_line(path: str, statements: Iterable[Statement]) -> dict[int, list[Statement]]:
    found: dict[int, list[Statement]] = {}
    for each in statements:
        if each.path == path and each.line:
            found.setdefault(each.line, []).append(each)
    return found


def _times(statements: Iterable[Statement]) -> int:
    """How often rows were changed: an ``executemany`` counts its parameter sets."""
    return sum(
        max(1, each.many)
        for each in statements
        if any(piece.modifies for piece in pieces(each.sql))
    )
