"""What the models of both trees state, and in what head's differ from the schema, newly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.facts import Check, Project
from bot.facts.fit import Drift
from bot.facts.models import Models
from bot.observe.fit import Side, introduced
from bot.observe.inspected import NotInspected
from bot.observe.unseen import Unseen

DRIFT = "model drift"
_MEND = (
    "Run `alembic check` in the checkout; what env.py or the models need can be given in the"
    " `environment` table of the db-recheck configuration."
)


def skipped(project: Project, why: str) -> Project:
    """The project, with drift in its list of checks as not made."""
    return _checked(project, Check(DRIFT, "skipped", why))


def compared(
    project: Project,
    head: Side,
    base: Callable[[], Side | None],
    paths: Sequence[str],
    unseen: Unseen,
) -> Project:
    """The project with head's models, base's where they are needed, and the drift.

    ``base`` opens base's tree, which takes its time: it is asked only where head's models and
    schema differ or ``paths`` holds code besides revisions. None: base has no such environment.
    """
    name = project.config
    revisions = {item.path for item in project.revisions}
    beside = any(path.endswith(".py") and path not in revisions for path in paths)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(_at_base, base, paths, unseen, name) if beside else None
        try:
            models = head.models(paths)
            found = head.drift(models)
        except NotInspected as error:
            unseen.minor(f"the models of {name}", error.failure.message, _MEND)
            return skipped(project, error.failure.message)
    # where no code changed besides revisions, base's models are head's
    project = replace(project, models=models, base_models=None if beside else models)
    if found or asked:
        before, old = asked.result() if asked else _at_base(base, paths, unseen, name)
        found = introduced(found, old)
        project = replace(project, base_models=before)
    new = any(item.introduced for item in found)
    check = Check(DRIFT, "failed" if new else "passed")
    return _checked(replace(project, drift=found), check)


def _at_base(
    base: Callable[[], Side | None], paths: Sequence[str], unseen: Unseen, name: str
) -> tuple[Models | None, tuple[Drift, ...]]:
    try:
        side = base()
        if side is None:
            return None, ()
        models = side.models(paths)
        return models, side.drift(models)
    except NotInspected as error:
        unseen.minor(
            f"which differences between models and schema base of {name} has already",
            error.failure.message,
            "All of them are shown as new; see which of them the change made.",
        )
        return None, ()


def _checked(project: Project, check: Check) -> Project:
    others = tuple(item for item in project.checks if item.name != check.name)
    return replace(project, checks=(*others, check))
