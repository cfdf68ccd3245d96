"""Where in a pull request's diff a finding can be commented on. Pure.

Reference: GitHub REST, "Create a review comment for a pull request" (``line``, ``start_line``,
``subject_type``): a comment may sit on lines that the diff shows, several lines must lie in one
hunk, and one comment that does not makes GitHub refuse its whole review.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.facts import Hunk

_HEADER = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Level(Enum):
    """How near to its line a finding can be told."""

    LINE = "line"
    FILE = "file"  # the diff shows the file, and not this line of it
    BODY = "body"  # the diff does not show the file


@dataclass(frozen=True)
class Spot:
    """Where a comment goes: lines ``start`` to ``line`` of head's file, both 0 above ``LINE``."""

    level: Level
    start: int = 0
    line: int = 0


def hunks(patch: str) -> tuple[Hunk, ...]:
    """The hunks of a file's patch as GitHub tells it: the head's lines that it shows.

    Lines of a file start with a space, ``+`` or ``-`` there, so that none looks like a header.
    """
    found = ((int(match[1]), int(match[2] or "1")) for match in _HEADER.finditer(patch))
    return tuple(Hunk(start, start + count - 1) for start, count in found if count)


def spot(path: str, line: int, end_line: int, diff: Mapping[str, Sequence[Hunk]]) -> Spot:
    """The nearest spot for a finding on lines ``line`` to ``end_line`` (from 1) of that file.

    Lines past the end of the hunk that shows the first one are left out.
    """
    if path not in diff:
        return Spot(Level.BODY)
    hunk = next((hunk for hunk in diff[path] if hunk.start <= line <= hunk.end), None)
    if hunk is None:
        return Spot(Level.FILE)
    return Spot(Level.LINE, line, max(line, min(end_line, hunk.end)))
