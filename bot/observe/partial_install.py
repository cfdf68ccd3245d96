"""What of a repository's declarations can be had, when all of them together cannot.

A package may be missing for reasons that are no business of its migrations: its source builds only
with a compiler, its host does not answer, it wants another Python. One of them must not cost the
whole environment, so what fails is left out, and the reader is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.observe.commands import Ended
from bot.observe.requirement_lines import READY_MADE, culprit, loosened, name, refused, without

_CALLS = 60  # of uv, whatever fails
_LOOSE = 12  # packages that are tried in another version
_SHARE = 0.5  # of what is left of the time, for one call


class Pip(Protocol):
    """Installs requirement lines into the environment; ``wheels`` alone, when nothing is built."""

    def __call__(self, lines: Sequence[str], *, until: float, wheels: bool) -> Ended:
        """How it ended; ``until`` is on the monotonic clock."""


@dataclass(frozen=True)
class Had:
    """What could not be had as declared: left out, or installed in ``another`` version."""

    left_out: tuple[str, ...] = ()
    another: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """For the reader, "" when everything is there."""
        parts = []
        if self.left_out:
            parts.append(f"not installed, because they failed: {_listed(self.left_out)}")
        if self.another:
            parts.append(f"in another version than declared: {_listed(self.another)}")
        return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown  # noqa: PLR2004 - the same ten


def install_what_can_be_had(
    lines: Sequence[str],
    pip: Pip,
    until: float,
    *,
    essential: Callable[[str], bool],
    progress: Callable[[str], None] = lambda _: None,
) -> Had:
    """Install as many of the lines as can be had, the ``essential`` names first.

    ``until`` is on the monotonic clock. What uv blames is left out; where it blames none, the lines
    are halved. A pinned package that cannot be built here is tried in another version at the end.
    """
    attempt = _Attempt(pip, until, progress)
    first = [line for line in lines if essential(name(line))]
    attempt.install(first)
    lost = set(attempt.lost)
    attempt.install([line for line in lines if line not in lost])
    return attempt.loosen(first)


class _Attempt:
    """The state of one search for what can be had."""

    def __init__(self, pip: Pip, until: float, progress: Callable[[str], None]) -> None:
        self._pip = pip
        self._until = until
        self._progress = progress
        self._calls = 0
        self.lost: dict[str, str] = {}  # line -> what uv said

    def install(self, lines: Sequence[str]) -> None:
        """All of the lines but those that fail, which are then in ``lost``."""
        waiting = [list(lines)]
        while waiting:
            group = waiting.pop()
            if not group:
                continue
            left = self._until - time.monotonic()
            if left <= 0 or self._calls >= _CALLS:
                self._lose(group, "the time was over")
                continue
            self._calls += 1
            done = self._pip(group, until=time.monotonic() + left * _SHARE, wheels=False)
            if done.status == 0:
                continue
            blamed = None if done.status is None else culprit(done.output, group)
            fewer = group if blamed is None else without(group, blamed)
            if blamed is not None and fewer != group:
                if blamed not in READY_MADE:
                    self._lose([line for line in group if line not in fewer], done.output)
                waiting.append(fewer)
            elif len(group) == 1:
                self._lose(group, done.output)
            else:
                middle = len(group) // 2
                waiting += [group[middle:], group[:middle]]

    def _lose(self, lines: Sequence[str], output: str) -> None:
        for line in lines:
            self._progress(f"without {name(line) or line}")
            self.lost[line] = output

    def loosen(self, first: Sequence[str]) -> Had:
        """Another version of what exists and is not made for this Python or machine."""
        ordered = sorted(self.lost, key=lambda line: line not in first)
        another = []
        for line in ordered[:_LOOSE]:
            loose = loosened(line) if refused(self.lost[line]) else None
            left = self._until - time.monotonic()
            if loose is None or left <= 0:
                continue
            done = self._pip([loose], until=time.monotonic() + left * _SHARE, wheels=True)
            if done.status == 0:
                another.append(line)
        gone = [name(line) or line for line in self.lost if line not in another]
        return Had(tuple(dict.fromkeys(gone)), tuple(name(line) for line in another))
