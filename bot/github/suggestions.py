"""A remedy's patch as a suggestion that GitHub applies with one click. Pure.

A suggestion replaces exactly the lines that its comment sits on, so it is offered only when the
patch is one region that stands in head's file word for word and the diff shows all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from bot.facts import Facts, Hunk
from bot.verdict import Judged
from bot.wording import inert, visible

LONGEST = 30  # lines of head's file that one suggestion may replace


@dataclass(frozen=True)
class Suggestion:
    """Lines ``start`` to ``end`` of head's file become ``lines`` (without their ends)."""

    start: int
    end: int
    lines: tuple[str, ...]


def suggestion(facts: Facts, item: Judged, shown: Sequence[Hunk]) -> Suggestion | None:
    """The first remedy's patch, covering the finding's line; None unless it applies verbatim.

    ``shown`` are the hunks of the finding's file in the pull request's diff.
    """
    patch = next((remedy.patch for remedy in item.remedies[:1] if remedy.patch), None)
    source = facts.source(item.path)
    if patch is None or source is None or source.head is None or source.cut:
        return None
    text = source.head
    if "\r" in text or patch_path(patch) != item.path:
        return None
    head = text.split("\n")
    change = _change(patch, head)
    if change is None:
        return None
    start, end = min(change.start, item.line), max(change.end, item.line)
    inside = any(hunk.start <= start and end <= hunk.end for hunk in shown)
    if not inside or end - start >= LONGEST or end > len(head):
        return None
    before, after = head[start - 1 : change.start - 1], head[change.end : end]
    lines = (*before, *change.lines, *after)
    whole = "\n".join(lines)
    same = lines == tuple(head[start - 1 : end])
    # What would be shown otherwise than it is (control characters, a runner's command) is no fix.
    return None if same or inert(visible(whole)) != whole else Suggestion(start, end, lines)


def patch_path(patch: str) -> str | None:
    """The file that a patch of one file is about."""
    for line in patch.split("\n"):
        if line.startswith("+++ "):
            path = line[4:].split("\t")[0].strip()
            return path.removeprefix("b/")
    return None


def _change(patch: str, head: Sequence[str]) -> Suggestion | None:
    """The changed region of a patch with one hunk that applies to those lines word for word."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        files = PatchSet(StringIO(patch, newline="\n"))
    except (UnidiffParseError, ValueError):
        return None
    if len(files) != 1 or len(files[0]) != 1:
        return None
    (hunk,) = files[0]
    first = hunk.source_start
    old = [str(line.value).removesuffix("\n") for line in hunk if not line.is_added]
    new = [str(line.value).removesuffix("\n") for line in hunk if not line.is_removed]
    if not old or list(head[first - 1 : first - 1 + len(old)]) != old:
        return None
    same = _common(old, new)
    tail = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - same)
    if same + tail == len(old):  # lines are only added: their neighbour is replaced by itself too
        if same:
            same -= 1
        else:
            tail -= 1
    return Suggestion(first + same, first + len(old) - tail - 1, tuple(new[same : len(new) - tail]))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other))
    )
