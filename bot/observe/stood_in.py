"""What base's models lack of base's chain, where they had to stand in for it.

A table that an old revision made by hand is in no model. A change that alters it fails on a
database made from the models, and that is no fault of the change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.facts import BaseBuilt, Chain, Failure, Project, State
from bot.observe.base_state import MISSING
from bot.observe.round_trip import Travelled
from bot.observe.unseen import MEND_BASE, Unseen
from bot.projects.changed import Read

_QUOTED = re.compile(r'"([^"]+)"')


def without_gaps(project: Project, found: Travelled, read: Read, unseen: Unseen) -> None:
    """Take from ``found`` what failed for want of something that base's chain makes; say so."""
    state = project.base_state
    if state is None or state.built is not BaseBuilt.MODELS:
        return
    for item in project.revisions:
        trip = found.trips.get(item.revision)
        if trip is None or trip.upgrade.state is not State.FAILED:
            continue
        name = _missing(trip.upgrade.failure)
        if name is None or not _made_there(name, _sources(project.base, read)):
            continue
        del found.trips[item.revision]
        found.whole = None
        unseen.revision(
            item,
            f"it needs `{name}`, of which base's revisions speak and base's models do not, and"
            " those stood in for base's chain, which does not go up on an empty database",
            MEND_BASE,
        )


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
