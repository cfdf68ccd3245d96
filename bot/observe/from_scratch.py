"""The merged chain on an empty database: where history was edited, or base's own cannot run."""

from __future__ import annotations

from collections.abc import Collection

from bot.facts import Chain, Direction, FreshInstall, State, Step
from bot.observe.catalogue import Snapshot, differences
from bot.observe.order import Unordered, in_order
from bot.observe.stage import Stage


def up_to_the_change(stage: Stage, chain: Chain, new: Collection[str]) -> bool:
    """Run every revision of the merged chain that the change does not add; whether that worked."""
    try:
        old = in_order(chain, {item.revision for item in chain.revisions} - set(new))
    except Unordered:
        return False
    return not old or stage.run(Direction.UPGRADE, [item.revision for item in old]).ok


def fresh_install(stage: Stage, chain: Chain, upgraded: Snapshot) -> FreshInstall:
    """The whole merged chain in one go: it must end where an upgraded database ends."""
    ran = stage.run(Direction.UPGRADE, None)
    end = stage.look()
    step = Step(
        State.FAILED if ran.failure else State.OK,
        ran.failure,
        stamped=stage.stamped(),
        expected=tuple(sorted(chain.heads)),
        duration_ms=ran.duration_ms,
    )
    stage.leave()
    return FreshInstall(step, differences(upgraded, end) if ran.ok else ())
