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
    Only where head's differ is base compared too.
    """
    name = project.config
    revisions = {item.path for item in project.revisions}
    beside = any(path.endswith(".py") and path not in revisions for path in paths)
    at_base = _AtBase(base, paths, unseen, name)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(at_base.models) if beside else None
        try:
            models = head.models(paths)
            found = head.drift(models)
        except NotInspected as error:
            unseen.minor(f"the models of {name}", error.failure.message, _MEND)
            return skipped(project, error.failure.message)
    # where no code changed besides revisions, base's models are head's
    project = replace(project, models=models, base_models=None if beside else models)
    if found or asked:
        before = asked.result() if asked else at_base.models()
        if found:
            before, old = at_base.drift(before)
            found = introduced(found, old)
        project = replace(project, base_models=before)
    new = any(item.introduced for item in found)
    check = Check(DRIFT, "failed" if new else "passed")
    return _checked(replace(project, drift=found), check)


class _AtBase:
    """Base's models and what of the drift is base's own; what cannot be told is noted once."""

    def __init__(
        self,
        open_side: Callable[[], Side | None],
        paths: Sequence[str],
        unseen: Unseen,
        name: str,
    ) -> None:
        self._open_side = open_side
        self._paths = paths
        self._unseen = unseen
        self._name = name
        self._side: Side | None = None

    def models(self) -> Models | None:
        """Base's models; None where base has no such environment or they cannot be read."""
        try:
            self._side = self._open_side()
            return self._side.models(self._paths) if self._side else None
        except NotInspected as error:
            self._untold(error)
            return None

    def drift(self, models: Models | None) -> tuple[Models | None, tuple[Drift, ...]]:
        """The models and base's own drift; neither where it cannot be told."""
        if self._side is None or models is None:
            return None, ()
        try:
            return models, self._side.drift(models)
        except NotInspected as error:
            self._untold(error)
            return None, ()

    def _untold(self, error: NotInspected) -> None:
        self._unseen.minor(
            f"which differences between models and schema base of {self._name} has already",
            error.failure.message,
            "All of them are shown as new; see which of them the change made.",
        )


def _checked(project: Project, check: Check) -> Project:
    others = tuple(item for item in project.checks if item.name != check.name)
    return replace(project, checks=(*others, check))
