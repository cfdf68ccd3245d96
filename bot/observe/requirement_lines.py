"""Requirement lines (PEP 508) and what uv says when one of them cannot be had. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_BARE_URL = re.compile(
    r"\s*(?:git\+|hg\+)?[a-z]+://\S*?/([^/\s@#]+?)(?:\.git|\.tar\.gz|\.zip|\.whl)?"
    r"(?:@[^\s#]*)?(?:#(?:\S*?egg=([\w.-]+))?\S*)?\s*$"
)
_DISTRIBUTION = r"([A-Za-z0-9][A-Za-z0-9._-]*)"
_CULPRITS = (
    re.compile(rf"Failed to (?:build|download|prepare|fetch)[^`\n]*`{_DISTRIBUTION}[^`\n]*`"),
    re.compile(rf"[Bb]ecause {_DISTRIBUTION} was not found"),
    re.compile(rf"[Bb]ecause there (?:is no version|are no versions) of {_DISTRIBUTION}"),
    re.compile(rf"satisfy Python\S+\s+and\s+{_DISTRIBUTION}[<>=!~]\S*\s+depends\s+on\s+Python"),
    re.compile(rf"[Bb]ecause (?:only )?{_DISTRIBUTION}[<>=!~{{]"),
    re.compile(rf"[Bb]ecause you require {_DISTRIBUTION}[<>=!~]"),
    re.compile(rf"is `{_DISTRIBUTION}@"),
    re.compile(rf"(?:that|for|on) `{_DISTRIBUTION}@[^`\n]*`"),
    re.compile(rf"because you require {_DISTRIBUTION}[<>=!~]"),
)
_FETCHED = re.compile(r"Failed to fetch: (\S+)")
_PINNED = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*={2,3}\s*[^\s;*]+\s*(;.*)?$"
)
_REFUSED = re.compile(
    r"Failed to build|has no (?:usable )?wheels|does not satisfy Python|no wheels with a matching"
)
# Their source builds need a compiler and libpq; the same versions exist ready made.
READY_MADE = {"psycopg2": "psycopg2-binary", "psycopg-c": "psycopg-binary"}


def name(line: str) -> str:
    """The normalised name (PEP 503) of the distribution, "" for an option.

    Of a bare URL it is what follows ``#egg=``, else how the last part of its path begins.
    """
    found = _NAME.match(line)
    if (bare := _BARE_URL.match(line)) is not None:
        found = _NAME.match(bare[2] or bare[1])
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def requirement_lines(text: str) -> list[str]:
    """The packages of a requirements file; options and included files are left out."""
    lines = (line.split(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines())
    return [re.sub(r"\s+--hash=\S+", "", line) for line in lines if _NAME.match(line)]


def culprit(output: str, lines: Sequence[str] = ()) -> str | None:
    """The package that uv's message blames, None when it blames none.

    With ``lines``, one of theirs: what a message names may be a dependency that nobody declared.
    """
    names = {name(line) for line in lines}
    for pattern in _CULPRITS:
        for found in pattern.finditer(output):
            if not names or name(found[1]) in names:
                return name(found[1])
    if fetched := _FETCHED.search(output):
        for line in lines:
            if fetched[1].rstrip("/") in line or f"/{name(line)}/" in f"{fetched[1]}/":
                return name(line)
    return None


def without(lines: Sequence[str], unwanted: str) -> list[str]:
    """The lines without that package, or with its ready-made twin in its place."""
    twin = READY_MADE.get(unwanted)
    kept = []
    for line in lines:
        if name(line) != unwanted:
            kept.append(line)
        elif twin:
            kept.append(_NAME.sub(twin, line, count=1))
    return kept


def refused(output: str) -> bool:
    """Whether uv found the package and could not make it work with this Python or machine."""
    return bool(_REFUSED.search(output))


def loosened(line: str) -> str | None:
    """A pinned requirement without its pin; None for any other, whose version is not the matter."""
    found = _PINNED.match(line)
    return f"{found[1]}{found[2] or ''}{' ' + found[3] if found[3] else ''}" if found else None
