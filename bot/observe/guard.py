"""Ends sessions that take more memory or disk than they may, where no cgroup does that."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable

from bot.facts import FailureKind
from bot.observe import processes
from bot.observe.disk import Disk
from bot.observe.session import Session

_SAMPLE_SECONDS = 0.1
_SAMPLES_A_LOOK = 5  # for one at the disk


class Guard:
    """A thread that watches an interpreter (process ``main``) until ``close``.

    ``sessions`` are those that there are now, ``family`` a session's processes. Each family may
    hold ``memory_bytes``, and so may the processes of no family.
    """

    def __init__(
        self,
        main: int,
        sessions: Callable[[], Collection[Session]],
        family: Callable[[Session], list[int]],
        memory_bytes: int,
        disk: Disk,
    ) -> None:
        self._main = main
        self._sessions = sessions
        self._family = family
        self._memory_bytes = memory_bytes
        self._disk = disk
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        for sample in itertools.count(1):
            if self._ended.wait(_SAMPLE_SECONDS):
                return
            self._watch_memory()
            if sample % _SAMPLES_A_LOOK == 0 and not self._watch_disk():
                return

    def _watch_disk(self) -> bool:
        """False once the run's folders are gone: so is the run."""
        try:
            complaint = self._disk.beyond()
        except FileNotFoundError:
            return False
        if complaint:
            self._condemn_all(FailureKind.KILLED, complaint)
        return True

    def _watch_memory(self) -> None:
        others = set(processes.descendants(self._main))
        for session in self._sessions():
            family = self._family(session)
            others.difference_update(family)
            if session.alive and (complaint := self._too_large(family)):
                session.condemn(FailureKind.MEMORY, complaint)
        if complaint := self._too_large(others):  # the interpreter, or what outlived a session
            self._condemn_all(FailureKind.MEMORY, complaint)
            processes.end(lambda: processes.family(self._main))

    def _condemn_all(self, kind: FailureKind, complaint: str) -> None:
        for session in self._sessions():
            session.condemn(kind, complaint)

    def _too_large(self, pids: Iterable[int]) -> str:
        used = processes.resident_bytes(pids)
        if used <= self._memory_bytes:
            return ""
        return (
            f"it held {used >> 20} MB of memory, more than the limit of"
            f" {self._memory_bytes >> 20} MB, and was stopped"
        )
