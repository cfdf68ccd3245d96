"""The code of either release on the schema of the other: sent for real, and rolled back.

While a rolling deployment runs, the old release meets the new schema; where the code goes first,
the new release meets the old one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.facts import Direction, Project, Revision
from bot.facts.fit import Deploy, Sent
from bot.facts.models import Models
from bot.facts.schema import Schema
from bot.observe.forced_row_security import force
from bot.observe.inspected import ExerciseAnswer, NotInspected
from bot.observe.rows import Ground
from bot.observe.rows.fill import Order
from bot.observe.rows.json_looks import looks_at_base
from bot.observe.rows.reach import reached
from bot.observe.rows.trial import Trial, patience
from bot.observe.session import Session
from bot.observe.unseen import Unseen

_ROWS = 20  # a statement by key needs one that no other row refers to
_MEND = "Nothing for the schema itself: run the old release's tests against it to be sure."


@dataclass(frozen=True)
class Releases:
    """The sessions of both trees. Where no code changed, base's is head's (``alike``)."""

    base: Session
    head: Session
    remaining: Callable[[], float]

    @property
    def alike(self) -> bool:
        """Whether both releases are the same code."""
        return self.base is self.head


def rehearsed(
    ground: Ground,
    releases: Releases,
    project: Project,
    order: Sequence[Revision],
    unseen: Unseen,
) -> Deploy | None:
    """What the statements of both releases' models met; None where there was nothing to ask.

    Only tables that base's models map, that were there at base and that the change touched.
    """
    from psycopg import Error

    base, head = project.base_schema, project.schema
    if base is None or head is None or project.base_models is None or project.models is None:
        return None
    reach = reached(base, (item.round_trip for item in project.revisions))
    old = _mapped(project.base_models, reach.touched)
    if not old:
        return None
    added = {table.full_name for table in head.tables} - {table.full_name for table in base.tables}
    new = _mapped(project.models, (*reach.touched, *added))
    within = patience(project.revisions)
    trial = Trial(ground, ground.clone())
    try:
        looks = looks_at_base(project, lambda: project.models)
        trial.fill(Order(base, head, reach.tables, _ROWS, looks=looks))
        with _open(ground, trial.database, base):
            before = _sent(releases.base, trial.database, old, releases)
            new_on_old = (
                () if releases.alike else _sent(releases.head, trial.database, new, releases)
            )
        for revision in order:
            step = trial.run(
                Direction.UPGRADE, revision, within=within.get(revision.revision, math.inf)
            )
            if step.failure is not None:
                return None  # on rows or without: the trips tell
        with _open(ground, trial.database, head):
            after = _sent(releases.base, trial.database, old, releases)
            new_on_new = (
                () if releases.alike else _sent(releases.head, trial.database, new, releases)
            )
    except NotInspected as error:
        unseen.minor("the running release on the new schema", error.failure.message, _MEND)
        return None
    except Error as error:
        unseen.minor("the running release on the new schema", str(error).strip(), _MEND)
        return None
    finally:
        trial.end()
    return Deploy(before, after, new_on_old, new_on_new)


@contextmanager
def _open(ground: Ground, database: str, schema: Schema) -> Iterator[None]:
    """Forced row security set aside: the code's statements would meet no row to be tried on.

    The revisions themselves run with it, as where they are deployed.
    """
    if not any(table.forced_row_security for table in schema.tables):
        yield
        return
    with ground.server.connect_as_owner(database) as connection:
        force(connection, schema.tables, on=False)
    yield
    with ground.server.connect_as_owner(database) as connection:
        force(connection, schema.tables, on=True)


def _mapped(models: Models, tables: Sequence[str]) -> tuple[str, ...]:
    mapped = {item.table for item in models.classes}
    return tuple(dict.fromkeys(name for name in tables if name in mapped))


def _sent(
    session: Session, database: str, tables: Sequence[str], releases: Releases
) -> tuple[Sent, ...]:
    answer = session.inspect(
        "exercise",
        ExerciseAnswer,
        deadline=releases.remaining(),
        database=database,
        tables=tuple(tables),
    )
    return answer.checked()
