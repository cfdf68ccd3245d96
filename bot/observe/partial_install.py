"""What of a repository's declarations can be had, when all of them together cannot.

A package may be missing for reasons that are no business of its migrations: its source builds only
with a compiler, its host does not answer, it wants another Python. One of them must not cost the
whole environment, so what fails is left out, and the reader is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.observe.commands import Ended
from bot.observe.requirement_lines import READY_MADE, culprit, loosened, name, refused, without

_CALLS = 90  # of uv, whatever fails
_DROPS = 4  # packages that may fail before wheels are preferred
_WHOLE = 0.4  # of the time, until then
_BUILDS = 25  # packages that are built, one by one
_BUILD_SECONDS = 45.0  # for one of them
_LOOSE = 15  # packages that are tried in another version
_SHARE = 0.6  # of what is left of the time, for one call
_SHOWN = 10  # names in the note


class How(Enum):
    """What a call may do: resolve what the lines leave open, take wheels alone, or build."""

    RESOLVE = "resolve"
    WHEELS = "wheels"
    BUILD = "build"


class Pip(Protocol):
    """Installs requirement lines into the environment."""

    def __call__(self, lines: Sequence[str], how: How, *, until: float) -> Ended:
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
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def install_what_can_be_had(
    lines: Sequence[str],
    pip: Pip,
    until: float,
    *,
    essential: Callable[[str], bool],
    progress: Callable[[str], None] = lambda _: None,
) -> Had:
    """Install as many of the lines as can be had, the ``essential`` names first.

    ``until`` is on the monotonic clock. What uv blames is left out. Where that is more than a few,
    the rest comes from wheels, halved where uv blames none; what has no wheel is then built alone,
    and what cannot be built here is tried in another version.
    """
    attempt = _Attempt(pip, until, progress)
    first = [line for line in lines if essential(name(line))]
    attempt.install(first, How.RESOLVE)
    left = attempt.whole([line for line in lines if line not in attempt.lost])
    attempt.install(left, How.WHEELS)
    attempt.build(first)
    return attempt.loosen(first)


class _Attempt:
    """The state of one search for what can be had."""

    def __init__(self, pip: Pip, until: float, progress: Callable[[str], None]) -> None:
        self._pip = pip
        self._until = until
        self._progress = progress
        self._calls = 0
        self._built: set[str] = set()  # lines whose build was tried
        self.lost: dict[str, str] = {}  # line -> what uv said

    def install(self, lines: Sequence[str], how: How) -> None:
        """All of the lines but those that fail, which are then in ``lost``."""
        waiting = [list(lines)]
        while waiting:
            group = waiting.pop()
            left = self._until - time.monotonic()
            if not group:
                continue
            if left <= 0 or self._calls >= _CALLS:
                self._lose(group, "the time was over")
                continue
            done = self._call(group, how, left * _SHARE)
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

    def whole(self, lines: Sequence[str]) -> list[str]:
        """All of the lines but a few, building what has no wheel; those that then remain to do."""
        lines = list(lines)
        end = time.monotonic() + (self._until - time.monotonic()) * _WHOLE
        for _ in range(_DROPS):
            left = end - time.monotonic()
            if left <= 0 or not lines:
                break
            done = self._call(lines, How.BUILD, left)
            if done.status == 0:
                return []
            blamed = None if done.status is None else culprit(done.output, lines)
            fewer = lines if blamed is None else without(lines, blamed)
            if fewer == lines:
                break
            if blamed not in READY_MADE:
                gone = [line for line in lines if line not in fewer]
                self._lose(gone, done.output)
                self._built.update(gone)
            lines = fewer
        return lines

    def build(self, first: Sequence[str]) -> None:
        """Those without a wheel, each alone, so that one that takes long costs no other."""
        for line in self._in_order(first)[:_BUILDS]:
            left = self._until - time.monotonic()
            if left <= 0 or line in self._built or not refused(self.lost[line]):
                continue
            self._progress(f"building {name(line)}")
            done = self._call([line], How.BUILD, min(_BUILD_SECONDS, left * _SHARE))
            if done.status == 0:
                del self.lost[line]

    def loosen(self, first: Sequence[str]) -> Had:
        """Another version of what exists and is not made for this Python or machine."""
        another = []
        for line in self._in_order(first)[:_LOOSE]:
            loose = loosened(line) if refused(self.lost[line]) else None
            left = self._until - time.monotonic()
            if loose is None or left <= 0:
                continue
            if self._call([loose], How.WHEELS, left * _SHARE).status == 0:
                another.append(line)
        gone = [name(line) or line for line in self.lost if line not in another]
        return Had(tuple(dict.fromkeys(gone)), tuple(name(line) for line in another))

    def _in_order(self, first: Sequence[str]) -> list[str]:
        return sorted(self.lost, key=lambda line: line not in first)

    def _call(self, lines: Sequence[str], how: How, seconds: float) -> Ended:
        self._calls += 1
        return self._pip(lines, how, until=time.monotonic() + seconds)

    def _lose(self, lines: Sequence[str], output: str) -> None:
        for line in lines:
            self.lost[line] = output
