"""TRUNCATE where no parser sees it: in a DO block or a function. Known by what it left."""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.statements.ran import RELATIONS, Ran
from bot.facts import State
from bot.policy import Confidence

_OPAQUE = ("do", "select", "call", "unknown")


def truncated_unseen(ran: Ran) -> Iterator[tuple[str, Confidence]]:
    """Existing tables that have new storage, and nothing else of them has changed.

    So TRUNCATE leaves them, and CLUSTER: on tables with rows the two are told apart. Where the
    revision came up on rows and not down again, it is ``likely``.
    """
    if not ran.observed or not any(piece.kind in _OPAQUE for piece in ran.pieces):
        return
    for effect in ran.effects:
        anew = effect.rewritten and effect.existed and not effect.dropped
        if anew and effect.kind in RELATIONS and not _redefined(ran, effect.relation):
            known = _on_rows(ran, effect.relation)
            if known is not None:
                yield effect.relation, known


def _redefined(ran: Ran, table: str) -> bool:
    """Whether the revision changed the table's definition, which can rewrite it."""
    return any(table in (item.table, item.name) for item in ran.revision.round_trip.upgrade.changed)


def _on_rows(ran: Ran, table: str) -> Confidence | None:
    """How sure its rows went; None where they came back, or none were ever seen."""
    seen = ran.project.rows
    trip = seen.trip(ran.revision.revision) if seen else None
    filled = seen.table(table) if seen else None
    if trip is None or not filled:
        return None
    if trip.downgrade.state is not State.OK:
        return Confidence.LIKELY
    lost = [item for item in trip.losses if item.table == table and not item.later]
    return Confidence.OBSERVED if any(item.gone >= filled.rows for item in lost) else None
