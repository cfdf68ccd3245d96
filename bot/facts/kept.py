"""What git tells beside the change itself: its commits, and what the repository keeps. No opinions.

All of it was written by strangers and is bounded in number and size.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Commit:
    """One commit of the change: its whole message, cut at the size limit, and the paths it touches.

    ``paths`` are those of the change's own files; a merge has none.
    """

    sha: str
    message: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeOwners:
    """Base's CODEOWNERS: where it lies and what it says.

    GitHub takes the first of ``.github/``, the root and ``docs/`` (GitHub Docs, "About code
    owners").
    """

    path: str
    text: str


@dataclass(frozen=True)
class Kept:
    """What the repository keeps.

    ``documents`` are paths of texts for people (Markdown, reStructuredText, AsciiDoc, plain) in
    base's tree, in git's order. ``more`` is true where there are more than the limit.
    """

    documents: tuple[str, ...] = ()
    more: bool = False
    owners: CodeOwners | None = None
