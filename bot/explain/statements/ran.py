"""The statements that changed revisions ran, as the policies about locks and rows look at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.explain.history.revisions import present
from bot.explain.statements.expected import expected
from bot.explain.statements.standing import Standing
from bot.facts import (
    ChangedRevision,
    Direction,
    Effect,
    Facts,
    Project,
    Seen,
    Statement,
)
from bot.policy import Confidence, Options
from bot.sql import Piece, pieces


@dataclass(frozen=True)
class Ran:
    """One statement with what it did.

    ``effects`` are those that were seen. Where nothing was (``observed`` is false) they are what
    PostgreSQL's documentation says that the parsed statement takes, and ``confidence`` is lower.
    ``held`` are the modes that earlier statements of its transaction hold on existing relations,
    without those that are gone.
    """

    project: Project
    revision: ChangedRevision
    statement: Statement
    effects: tuple[Effect, ...]
    confidence: Confidence
    held: Mapping[str, tuple[str, ...]]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The statement as PostgreSQL's parser reads it; several where its text holds several."""
        return pieces(self.statement.sql)

    @property
    def observed(self) -> bool:
        """Whether the effects were seen."""
        return self.confidence is Confidence.OBSERVED

    @property
    def path(self) -> str:
        """The file of the call; the revision's own where the call was not found."""
        return self.statement.path if self.statement.line else self.revision.path

    @property
    def line(self) -> int:
        """The line of the call; that of ``upgrade`` or ``downgrade`` where it was not found."""
        anchors = self.revision.anchors
        down = self.statement.direction is Direction.DOWNGRADE
        return self.statement.line or (anchors.downgrade if down else anchors.upgrade)

    @property
    def existing(self) -> tuple[Effect, ...]:
        """What it did to tables and materialized views that were there before the change."""
        return tuple(item for item in self.effects if item.existed and item.kind in RELATIONS)


RELATIONS = ("table", "partitioned table", "materialized view", "foreign table")


def ran(facts: Facts, options: Options) -> list[Ran]:
    """Every statement of every changed revision's upgrade, in the order in which they ran.

    Those of downgrades follow where the setting ``check-downgrade-locks`` asks for them.
    """
    found: list[Ran] = []
    for project in facts.projects:
        standing = Standing.before(project)
        for revision in present(project):
            trip = revision.round_trip
            found += _read(project, revision, trip.upgrade.statements, standing)
            if options.check_downgrade_locks:
                found += _read(project, revision, trip.downgrade.statements, standing)
    return found


def ran_on_rows(facts: Facts) -> list[Ran]:
    """The statements of every changed revision's upgrade on tables with rows, where that ran."""
    found: list[Ran] = []
    for project in facts.projects:
        standing = Standing.before(project)
        for revision in present(project):
            trip = project.rows.trip(revision.revision) if project.rows else None
            if trip is not None:
                found += _read(project, revision, trip.upgrade.statements, standing)
    return found


def _read(
    project: Project,
    revision: ChangedRevision,
    statements: Sequence[Statement],
    standing: Standing,
) -> Iterator[Ran]:
    held: dict[int, dict[str, tuple[str, ...]]] = {}
    for statement in statements:
        effects, confidence = _effects(statement, standing)
        before: dict[str, tuple[str, ...]] = {}
        if statement.transaction is not None:
            before = held.get(statement.transaction, {})
            effects = tuple(_holding(item, before) for item in effects)
            held[statement.transaction] = before | {
                item.relation: (*item.held, *item.locks)
                for item in effects
                if item.existed and item.kind in RELATIONS and not item.dropped
            }
        yield Ran(project, revision, statement, effects, confidence, before)
        standing.follow(pieces(statement.sql))


def _holding(effect: Effect, held: Mapping[str, tuple[str, ...]]) -> Effect:
    """The effect with what earlier statements of its transaction hold on that relation."""
    modes = (*effect.held, *held.get(effect.relation, ()))
    return replace(effect, held=tuple(dict.fromkeys(modes)))


def _effects(statement: Statement, standing: Standing) -> tuple[tuple[Effect, ...], Confidence]:
    """What it did, and how sure that is as a whole.

    Outside a transaction the locks are seen and a scan is not: there the statement says the rest.
    """
    if statement.seen is Seen.TRANSACTION:
        return statement.effects, Confidence.OBSERVED
    parsed, confidence = expected(pieces(statement.sql), standing)
    if statement.seen is Seen.NOT:
        return parsed, confidence
    seen = {item.relation: item for item in statement.effects}
    merged = [_completed(item, seen.pop(item.relation, None)) for item in parsed]
    return (*merged, *seen.values()), confidence


def _completed(parsed: Effect, seen: Effect | None) -> Effect:
    if seen is None:
        return parsed
    return replace(
        seen,
        scanned=seen.scanned or parsed.scanned,
        rewritten=seen.rewritten or parsed.rewritten,
        created=seen.created or parsed.created,
        dropped=seen.dropped or parsed.dropped,
    )
