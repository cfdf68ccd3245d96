"""Statements outside a transaction: their locks are gone before one can look."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.facts import Seen
from bot.observe.locks import sight
from bot.observe.locks.effects import Moment, done
from bot.observe.locks.hold import Hold
from bot.observe.locks.inside import Inside
from bot.observe.locks.outside import MOST, everything, waits
from bot.observe.locks.relations import Ignored
from bot.observe.locks.sight import Sight

if TYPE_CHECKING:
    from psycopg import Connection

COUNTED_SINCE = 15  # pg_stat_force_next_flush(): a backend's counters can be had at once
_OFTEN = 0.001  # seconds between two looks at a statement that runs
_SELDOM = 0.02  # and at one that has run for long
_LONG = 0.25
_NONE: frozenset[str] = frozenset()
_ROUNDS = 50  # relations that one statement is seen to wait for


@dataclass
class _Seen:
    """What was seen of one statement so far: the modes it asked for, and those it had, by oid."""

    before: Moment | None
    held: bool
    started: float
    running: bool = True
    asked: dict[int, frozenset[str]] = field(default_factory=dict)
    had: dict[int, frozenset[str]] = field(default_factory=dict)


class Alone:
    """Watches statements in autocommit mode, one after the other.

    The bot holds a lock on the tables that were there before the change, the statement asks for
    its own and waits, ``pg_locks`` shows the mode, and the bot lets go. What it then locks is seen
    where it lasts for a millisecond. Catalogue and counters are compared before and after.
    """

    def __init__(
        self,
        connect: Callable[[], Connection[tuple[object, ...]]],
        hold: Hold,
        existed: set[int],
        ignored: Ignored,
    ) -> None:
        self._connect = connect
        self._hold = hold
        self._existed = existed
        self._ignored = ignored
        self._seen: _Seen | None = None
        self._rounds = 0

    @property
    def pause(self) -> float | None:
        """Seconds until the next look, None while no statement runs."""
        if self._seen is None or not self._seen.running:
            return None
        ran = time.monotonic() - self._seen.started
        return _OFTEN if ran < _LONG else _SELDOM

    def before(self, settings: Inside) -> None:
        """A statement is about to run; its session's counters have just been reported."""
        found = everything(self._connect())
        held = False
        if found is not None:
            limits = [settings.lock_timeout_ms or 0, settings.statement_timeout_ms or 0]
            patience = min((limit for limit in limits if limit > 0), default=0.0)
            existing = [item for oid, item in found[0].items() if oid in self._existed]
            held = self._hold.take(existing, patience)
        before = None if found is None else Moment(relations=found[0], counters=found[1])
        self._rounds = 0
        self._seen = _Seen(before, held, time.monotonic())

    def look(self, backend: int) -> None:
        """See what the running statement has and waits for; let it go on if it waits."""
        seen = self._seen
        if seen is None:
            return
        now = waits(self._connect(), backend)
        for book, found in ((seen.had, now.has), (seen.asked, now.asks)):
            for oid, modes in found.items():
                book[oid] = book.get(oid, _NONE) | modes
        if now.blocked and now.asks and self._rounds < _ROUNDS:
            self._rounds += 1
            self._hold.pass_on(now.asks)
        elif now.blocked:
            self._hold.release()  # it waits for something else, perhaps for an end of ours

    def stop(self) -> None:
        """The statement ended, or nobody waits for it any more: let go."""
        held = self._hold.release()
        seen = self._seen
        if seen is not None and seen.running:
            seen.running = False
            seen.held &= held or bool(seen.asked)

    def sight(self, settings: Inside) -> Sight:
        """What was seen of it; its session's counters have just been reported."""
        seen, self._seen = self._seen, None
        connection = self._connect()
        found = everything(connection)
        if found is None or seen is None or seen.before is None:
            return Sight(unseen=sight.TOO_LARGE.format(most=MOST))
        counted = connection.info.server_version // 10_000 >= COUNTED_SINCE
        relations, counters = found
        # Where it waited for each of them, what else was seen is a matter of luck.
        modes = seen.asked if seen.held else seen.had
        locks = {oid: modes.get(oid, _NONE) for oid in (*seen.before.relations, *relations)}
        did = done(
            seen.before if counted else replace(seen.before, counters={}),
            Moment(locks, relations, counters if counted else {}),
            self._existed,
            self._ignored,
        )
        self._existed |= {new for new, old in did.heirs.items() if old in self._existed}
        gaps = [sight.CUT.format(count=did.left_out)] if did.left_out else []
        if not counted or not settings.counts:
            gaps.append(sight.NO_COUNTERS if counted else sight.UNCOUNTED)
        how = Seen.WAITING
        if not seen.held:
            how = Seen.SAMPLED if seen.asked or seen.had else Seen.NOT
            gaps.append(sight.SAMPLED if seen.asked or seen.had else sight.TOO_FAST)
        return Sight(how, did.effects, "; ".join(gaps) or None)
