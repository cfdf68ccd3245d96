"""Which statements of a change are worth measuring, and on which tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.facts import ChangedRevision, Direction, Effect, Project, Statement, Step
from bot.facts.locks import blocks
from bot.facts.sizes import Size, Work

MOST = 12  # statements of one change in one direction: each is in the report with its time

Key = tuple[str, int]
"""A revision, and the place of a statement among those of the direction that is measured."""


@dataclass(frozen=True)
class Wanted:
    """One statement and the table on which its time matters."""

    revision: str
    statement: int
    table: str
    work: Work
    empty_ms: float
    direction: Direction = Direction.UPGRADE

    @property
    def key(self) -> Key:
        """Where its times are found."""
        return self.revision, self.statement


def wanted(
    project: Project, large: Mapping[str, Size], direction: Direction = Direction.UPGRADE
) -> tuple[Wanted, ...]:
    """Statements whose time grows with a large table of production that others wait for.

    Rows that UPDATE and DELETE touch are those that they touched when the tables held rows.
    """
    found: list[Wanted] = []
    for item in project.revisions:
        empty, on_rows = _steps(project, item, direction)
        filled = _alike(empty, on_rows)
        for place, statement in enumerate(empty.statements):
            for table, work in dict(_works(statement, filled[place])).items():
                if table in large:
                    ms = statement.duration_ms
                    found.append(Wanted(item.revision, place, table, work, ms, direction))
    return tuple(found[:MOST])


def by_row(project: Project, revisions: Iterable[str], direction: Direction) -> str | None:
    """The first of these revisions that ran more statements on rows than on empty tables.

    On a hundred thousand rows such a loop would keep the review for minutes.
    """
    chosen = set(revisions)
    for item in project.revisions:
        empty, on_rows = _steps(project, item, direction)
        ran = len(on_rows.statements) if on_rows else 0
        if item.revision in chosen and ran > len(empty.statements):
            return item.revision
    return None


def _steps(
    project: Project, item: ChangedRevision, direction: Direction
) -> tuple[Step, Step | None]:
    """That direction of a revision on empty tables, and on filled ones where that was tried."""
    trip = project.rows.trip(item.revision) if project.rows else None
    if direction is Direction.UPGRADE:
        return item.round_trip.upgrade, trip.upgrade if trip else None
    return item.round_trip.downgrade, trip.downgrade if trip else None


def _alike(empty: Step, filled: Step | None) -> list[Statement | None]:
    """For each statement the same one of the run on rows, None where they do not correspond."""
    ran = filled.statements if filled else ()
    if [item.sql for item in ran] != [item.sql for item in empty.statements]:
        return [None] * len(empty.statements)
    return list(ran)


def _works(statement: Statement, filled: Statement | None) -> Iterator[tuple[str, Work]]:
    """Tables and what is done to them; of one that comes twice the last is what takes the time."""
    effects = statement.effects
    if statement.sqlstate is not None:
        return
    parts = {item.relation for item in effects if item.kind == "partitioned table"}
    for effect in effects:
        if effect.existed and not effect.dropped and "index" not in effect.kind:
            work = _work(effect, effects)
            if work is not None and _keeps_out(effect) and not (parts - {effect.relation}):
                yield effect.relation, work
    for effect in filled.effects if filled else ():
        if effect.existed and effect.updated + effect.deleted:
            yield effect.relation, Work.ROWS


def _work(effect: Effect, effects: tuple[Effect, ...]) -> Work | None:
    if effect.rewritten:
        return Work.REWRITE
    built = (item for item in effects if "index" in item.kind and item.table == effect.relation)
    if any(item.created or item.rewritten for item in built):
        return Work.INDEX
    return Work.SCAN if effect.scanned else None


def _keeps_out(effect: Effect) -> bool:
    return any("writes" in blocks(mode) for mode in (*effect.locks, *effect.held))
