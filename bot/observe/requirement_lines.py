"""Requirement lines (PEP 508) and what uv says when one of them cannot be had. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_CULPRITS = (
    re.compile(r"Failed to (?:build|download|prepare|fetch)[^`]*`([A-Za-z0-9._-]+)(?:==[^`]*)?`"),
    re.compile(r"[Bb]ecause ([A-Za-z0-9._-]+) was not found"),
    re.compile(r"[Bb]ecause (?:there is no version of |only )?([A-Za-z0-9._-]+)[<>=!{]"),
)
# Their source builds need a compiler and libpq; the same versions exist ready made.
READY_MADE = {"psycopg2": "psycopg2-binary", "psycopg-c": "psycopg-binary"}


def name(line: str) -> str:
    """The normalised name (PEP 503) of the distribution, "" for an option."""
    found = _NAME.match(line)
    return re.sub(r"[-_.]+", "-", found[1]).lower() if found else ""


def requirement_lines(text: str) -> list[str]:
    """The packages of a requirements file; options and included files are left out."""
    lines = (line.split(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines())
    return [re.sub(r"\s+--hash=\S+", "", line) for line in lines if _NAME.match(line)]


def culprit(output: str) -> str | None:
    """The package that uv's message blames, None when it blames none."""
    for pattern in _CULPRITS:
        if found := pattern.search(output):
            return name(found[1])
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
