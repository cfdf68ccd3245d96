"""The database as base's own files make it: the ground every scenario stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.facts import BaseBuilt, BaseState, Chain, Direction, Failure, FailureKind
from bot.observe.order import Unordered, in_order
from bot.observe.stage import Stage

_MISSING_RELATION = frozenset({"42P01", "3F000", "42704", "42703"})


def build(
    chain: Chain, stage_on: Callable[[], Stage], *, has_metadata: bool
) -> tuple[BaseState, Stage]:
    """Base's chain on an empty database: in one go, else one by one, else from the models.

    Real chains need each of these: some fail one by one and pass in one go, some the reverse, and
    some begin with ALTER TABLE because the first tables were made by ``metadata.create_all()``.
    """
    stage = stage_on()
    if not chain.revisions:
        return BaseState(BaseBuilt.EMPTY), stage
    ran = stage.run(Direction.UPGRADE, None)
    complete = _complete(stage, chain)
    if ran.failure is None and complete:
        return BaseState(BaseBuilt.CHAIN), stage
    failure = ran.failure or _silent(stage)
    if not stage.session.alive:
        return BaseState(BaseBuilt.FAILED, failure), stage
    if ran.failure is not None:
        _abandon(stage)
        stage = stage_on()
        if _one_by_one(stage, chain):
            return BaseState(BaseBuilt.STEPS, failure), stage
    if has_metadata and failure.sqlstate in _MISSING_RELATION and stage.session.alive:
        _abandon(stage)
        stage = stage_on()
        made = stage.session.create_all(stage.database, deadline=stage.remaining())
        if made.failure is None:
            return BaseState(BaseBuilt.MODELS, failure), stage
        failure = replace(
            failure,
            message=f"{failure.message} (and its models could not be created either:"
            f" {made.failure.message})",
        )
    return BaseState(BaseBuilt.FAILED, failure), stage


def _abandon(stage: Stage) -> None:
    stage.leave()
    stage.server.drop(stage.database)


def _one_by_one(stage: Stage, chain: Chain) -> bool:
    """Whether the chain goes up when each revision has its own migration context."""
    try:
        order = in_order(chain, [item.revision for item in chain.revisions])
    except Unordered:
        return False
    for revision in order:
        if stage.run(Direction.UPGRADE, (revision.revision,)).failure is not None:
            return False
    return _complete(stage, chain)


def _complete(stage: Stage, chain: Chain) -> bool:
    """Whether the version table names every head that no other revision depends on."""
    implied = {name for item in chain.revisions for name in item.depends_on}
    return {head for head in chain.heads if head not in implied} <= set(stage.stamped())


def _silent(stage: Stage) -> Failure:
    rows = ", ".join(stage.stamped()) or "nothing"
    return Failure(
        FailureKind.PYTHON,
        f"the upgrade reported success, but the version table holds {rows}, not the heads",
    )
