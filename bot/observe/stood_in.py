"""Failures of a change for want of what something else stood in for: no fault of the change.

A table that an old revision made by hand is in no model, and a change that alters it fails on a
database made from base's models. And where a package could not be installed here, a revision may
need what nothing could stand in for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.facts import BaseBuilt, Chain, ChangedRevision, Failure, FailureKind, Project, State
from bot.observe.base_state import MISSING
from bot.observe.round_trip import Travelled
from bot.observe.unloadable import INSTALL
from bot.observe.unseen import MEND_BASE, Unseen
from bot.projects.changed import Read
from bot.projects.syntax import imports

_QUOTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class StoodIn:
    """``modules`` that are not installed here; ``base`` and ``head`` read files of both trees."""

    base: Read
    head: Read
    modules: Sequence[str]


def without_gaps(project: Project, found: Travelled, stood_in: StoodIn, unseen: Unseen) -> None:
    """Take from ``found`` what failed for such a want, or ran without it; say so."""
    tops = {name.partition(".")[0] for name in stood_in.modules}
    for item in project.revisions:
        trip = found.trips.get(item.revision)
        if trip is None:
            continue
        steps = (trip.upgrade, trip.downgrade, trip.reupgrade)
        failures = [step.failure for step in steps if step.failure]
        name = next((name for name in map(_missing, failures) if name), None)
        listed = ", ".join(stood_in.modules)
        if tops & _imported(stood_in.head(item.path)):
            _leave_out(item, found, unseen, _ITSELF.format(listed), INSTALL)
        elif tops and any(failure.kind is FailureKind.PYTHON for failure in failures):
            _leave_out(item, found, unseen, _OF_MODULES.format(listed), INSTALL)
        elif (
            trip.upgrade.state is State.FAILED
            and name is not None
            and _from_models(project)
            and _made_there(name, _sources(project.base, stood_in.base))
        ):
            _leave_out(item, found, unseen, _OF_MODELS.format(name), MEND_BASE)


_ITSELF = "it imports what is not installed here ({}), and something empty stood in for that"
_OF_MODULES = "it failed, and something empty stood in for modules that are not installed here ({})"
_OF_MODELS = (
    "it needs `{}`, of which base's revisions speak and base's models do not, and those stood in"
    " for base's chain, which does not go up on an empty database"
)


def _leave_out(item: ChangedRevision, found: Travelled, unseen: Unseen, why: str, do: str) -> None:
    del found.trips[item.revision]
    found.whole = None
    unseen.revision(item, why, do)


def _from_models(project: Project) -> bool:
    return project.base_state is not None and project.base_state.built is BaseBuilt.MODELS


def _imported(source: bytes | None) -> set[str]:
    text = (source or b"").decode("utf-8", "replace")
    return {item.module.partition(".")[0] for item in imports(text) if not item.level}


def _missing(failure: Failure | None) -> str | None:
    """The name of what the server did not find: the first that it quotes."""
    if failure is None or failure.sqlstate not in MISSING:
        return None
    found = _QUOTED.search(failure.message)
    return found[1].rpartition(".")[2] if found else None


def _sources(chain: Chain, read: Read) -> Iterable[bytes]:
    return (text for item in chain.revisions if (text := read(item.path)) is not None)


def _made_there(name: str, sources: Iterable[bytes]) -> bool:
    """Whether any of them says the name. How it is made does not matter: nothing of it ran."""
    word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
    return any(word.search(source) for source in sources)
