"""A question about the schema at head: base built, the change upgraded once, nothing judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.facts import Direction, Project, Revision, RoundTrip, State, Step
from bot.facts.schema import Schema
from bot.facts.trial import IndexTrial, IndexWork
from bot.observe.catalogue import Snapshot, differences, schemas
from bot.observe.index_trial import try_index
from bot.observe.server import Server
from bot.observe.stage import Stage
from bot.observe.unseen import Unseen

Want = Callable[[Schema], IndexWork | None]
"""Which index to try on that schema; None for none."""


Look = Callable[[Server, str, Schema], None]
"""What else is done with the database of that name, whose schema is head's. Raises nothing."""


def _nothing(_: Schema) -> None:
    return None


def _away(_: Server, __: str, ___: Schema) -> None:
    return None


@dataclass
class Consultation:
    """What is asked besides the schema, and the answers by the projects' configurations.

    ``want`` is asked once head's schema is known; without ``schema`` the graph alone is wanted and
    no revision runs. ``look`` has the database before an index is tried on it. One use each.
    """

    want: Want = _nothing
    schema: bool = True
    look: Look = _away
    trials: dict[str, IndexTrial] = field(default_factory=dict)


def consulted(
    project: Project,
    order: Sequence[Revision],
    start: Snapshot,
    stage: Stage,
    consultation: Consultation,
    unseen: Unseen,
) -> Project:
    """The project with both schemas; the change is upgraded once on ``stage``, a clone of base's.

    A change that does not go up leaves head's schema unknown, which ``unseen`` tells.
    """
    end, whole = start, None
    if order:
        ran = stage.run(Direction.UPGRADE, [item.revision for item in order])
        if ran.failure is not None:
            unseen.fatal(
                f"the schema of {project.config} at head",
                f"the upgrade of the change fails: {ran.failure.message.strip()}",
                "Mend the upgrade (`db-recheck check` shows where it fails), then ask again.",
            )
            return project
        end = stage.look(structure=True)
        step = Step(
            State.OK,
            changed=differences(start, end, validated=True),
            stamped=stage.stamped(),
            duration_ms=ran.duration_ms,
        )
        whole = RoundTrip(upgrade=step)
    before, after = schemas(start, end)
    project = replace(project, base_schema=before, schema=after, whole=whole)
    work = consultation.want(after)
    stage.leave()
    consultation.look(stage.server, stage.database, after)
    if work is not None:
        trial = try_index(stage.server, stage.database, after, work, stage.remaining)
        consultation.trials[project.config] = trial
    return project
