"""Statements inside a transaction: what each added to it can be read right after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.facts import Seen
from bot.observe.locks import inside, sight
from bot.observe.locks.effects import Moment, done
from bot.observe.locks.inside import Ask, Inside
from bot.observe.locks.outside import Look, committed, look
from bot.observe.locks.relations import Ignored, Relation
from bot.observe.locks.sight import Sight

if TYPE_CHECKING:
    from psycopg import Connection

_ASKED = 2_000  # relations in one reading


@dataclass
class _State:
    """One backend's transaction as the last reading showed it."""

    transaction: str | None = None
    moment: Moment = field(default_factory=Moment)
    settings: Inside = field(default_factory=Inside)


class Within:
    """Watches statements inside transactions; methods raise psycopg.Error and ``Unreadable``."""

    def __init__(
        self,
        connect: Callable[[], Connection[tuple[object, ...]]],
        existed: set[int],
        ignored: Ignored,
    ) -> None:
        self._connect = connect
        self._existed = existed
        self._ignored = ignored
        self._states: dict[int, _State] = {}

    def forget(self, backend: int) -> None:
        """Its transaction goes on from another state than the last reading showed."""
        self._states.pop(backend, None)

    def settings(self, backend: int) -> Inside:
        """What the last reading said of its session's settings."""
        return self._states[backend].settings if backend in self._states else Inside()

    def before(self, backend: int, ask: Ask) -> None:
        """A statement is about to run. Read anew only when something else ran since the last."""
        connection = self._connect()
        here = look(connection, backend)
        state = self._states.setdefault(backend, _State())
        fresh = here.transaction is None or state.transaction != here.transaction
        if fresh or here.locks != state.moment.locks:
            others = committed(connection, here.locks)
            asked = sorted(here.locks)[:_ASKED]
            seen = inside.parse(ask(inside.query((), asked, first=fresh)), others)
            state.transaction, state.settings = here.transaction, seen
            state.moment = Moment(here.locks, _locked(here, seen), seen.counters)

    def after(self, backend: int, ask: Ask) -> Sight:
        """It ended well."""
        state, connection = self._states[backend], self._connect()
        here = look(connection, backend)
        if here.transaction is None or state.transaction not in (None, here.transaction):
            return Sight(unseen=sight.ENDED)
        # What it had not locked before can hold no change of its own: it was as others see it.
        mine = state.moment
        others = committed(connection, here.locks.keys() - mine.locks.keys())
        before = Moment(mine.locks, {**others, **mine.relations}, mine.counters)
        seen = _asked(ask, here, before)
        after = Moment(here.locks, _locked(here, seen), {**mine.counters, **seen.counters})
        state.transaction, state.moment, state.settings = here.transaction, after, seen
        did = done(before, after, self._existed, self._ignored)
        self._existed |= {new for new, old in did.heirs.items() if old in self._existed}
        gaps = [sight.CUT.format(count=did.left_out)] if did.left_out else []
        if not seen.counts:
            gaps.append(sight.NO_COUNTERS)
        return Sight(Seen.TRANSACTION, did.effects, "; ".join(gaps) or None)


def _locked(here: Look, seen: Inside) -> dict[int, Relation]:
    """What was said of relations that it really has locked."""
    return {oid: relation for oid, relation in seen.relations.items() if oid in here.locks}


def _asked(ask: Ask, here: Look, before: Moment) -> Inside:
    """Of what is new everything, of an index that was locked more strongly than before too."""
    plain: list[int] = []
    described: list[int] = []
    for oid in sorted(here.locks)[:_ASKED]:
        known = before.relations.get(oid)
        if known is None and oid in before.locks:
            continue  # it is gone
        unchanged = known is not None and (
            not known.is_index or before.locks.get(oid) == here.locks[oid]
        )
        (plain if unchanged else described).append(oid)
    return inside.parse(ask(inside.query(plain, described)), before.relations)
