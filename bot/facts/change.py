"""What the pull request changes, as git tells it. No opinions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Change(Enum):
    """How a file or revision of the merged tree differs from base."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True)
class Hunk:
    """Lines of the head's file in one hunk of the diff, both ends included, counted from 1.

    A review comment may only sit on such lines, and a multi-line one only inside one hunk
    (GitHub REST: "Create a review comment for a pull request").
    """

    start: int
    end: int


@dataclass(frozen=True)
class ChangedFile:
    """One file of the diff between the merge base and head.

    ``path`` is relative to the repository's root and is the head's name (the old one when the
    file was deleted). ``added`` holds the line numbers that the change added or rewrote.
    ``binary`` files and those that are not UTF-8 have no hunks and no text.
    """

    path: str
    change: Change
    old_path: str | None = None
    hunks: tuple[Hunk, ...] = ()
    added: tuple[int, ...] = ()
    binary: bool = False


@dataclass(frozen=True)
class Source:
    """The text of a changed revision or model file at head and at base.

    ``None`` means that there is no such file on that side or that it is not UTF-8; texts over the
    size limit are cut and say so in ``cut``. ``bom``: head's file begins with a byte order mark,
    which its text here does not have.
    """

    path: str
    head: str | None
    base: str | None
    cut: bool = False
    bom: bool = False


@dataclass(frozen=True)
class NotChecked:
    """Something that could not be seen: what, why, and what the reader can do about it.

    ``fatal`` marks a whole project or a changed revision's upgrade, downgrade or re-upgrade: with
    such an entry and no finding at the gate the verdict is ``error`` (contract: exit status 3).
    """

    what: str
    why: str
    do: str
    fatal: bool = False
    project: str | None = None


@dataclass(frozen=True)
class ConfigurationChange:
    """One db-recheck setting that head's configuration states otherwise than base's.

    ``weakens`` is true where head's value would let more through than base's.
    ``used`` is true where base's configuration trusts the head (``trust-head = true``).
    """

    path: str
    line: int
    key: str
    base: str | None
    head: str | None
    weakens: bool
    used: bool = False
