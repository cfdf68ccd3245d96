"""docs/estimates.md out of the results that `make bench-estimates` kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median as _median
from typing import Any

RESULTS = Path(__file__).parent / "results" / "estimates.json"
_AIM = 2.0  # the factor within which an estimate should be
_HEAD = """\
# Estimates against reality

<!-- Made by `make docs` from bench/results/estimates.json, which `make bench-estimates` writes. -->

With [`table-stats`](table-stats.md) a review says how long a statement would block:
"about 40 s (20\u201380 s) on your 12 million rows". It runs the change twice on each of two
tables of at most 100,000 rows on its scratch server, takes off what the statement costs on an empty
table, and fits a cost for each row and one for each byte (an index is sorted: its rows count with
their logarithm). The range is a factor of two to either side at least, and wider where rows in
production are so much wider than those that were made up that rows and bytes tell differently.

What that is worth: below, each operation was estimated, and then the table was filled to its full
size and the operation was run on it, on the same machine. So this page is about carrying a time
from small tables over to large ones. It says nothing about *your* machine: a server with slower
disks, little memory, replicas to wait for or other work to do takes longer than the scratch server,
which neither flushes nor shares anything.
"""


@dataclass(frozen=True)
class Result:
    """One operation at one size: the estimate with its range, and what it took, in seconds."""

    operation: str
    work: str
    rows: int
    bytes: int
    estimated: float
    low: float
    high: float
    took: float

    @property
    def error(self) -> float:
        """The factor between both, from 1."""
        return max(self.estimated / self.took, self.took / self.estimated)


def errors(results: Iterable[Result]) -> list[float]:
    """The factors of all."""
    return [item.error for item in results]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return _median(values)


def load(path: Path = RESULTS) -> tuple[dict[str, Any], list[Result]]:
    """What was kept: the server and the machine, and the results."""
    kept = json.loads(path.read_text("utf-8"))
    return kept, [Result(**item) for item in kept.pop("results")]


def page(path: Path = RESULTS) -> str:
    """The page's Markdown."""
    about, found = load(path)
    beyond = [item for item in found if item.rows > 100_000]  # noqa: PLR2004 - what is carried over
    lines = [_HEAD, f"PostgreSQL {about['postgres']}, {about['machine']}.", ""]
    for name, items in (("all sizes", found), ("more rows than were tried", beyond)):
        if items:
            lines.append(_summary(name, items))
    lines += ["", "| rows | operation | estimated | took | factor |", "|---:|---|---|---:|---:|"]
    for item in sorted(found, key=lambda each: (each.operation, each.rows)):
        span = f"{_seconds(item.low)}\u2013{_seconds(item.high)}"
        lines.append(
            f"| {item.rows:,} | `{item.operation}` | {_seconds(item.estimated)} s ({span} s) |"
            f" {_seconds(item.took)} s | {item.error:.1f} |"
        )
    return "\n".join(lines) + "\n"


def _summary(name: str, items: Sequence[Result]) -> str:
    close = sum(item.error <= _AIM for item in items)
    within = sum(item.low <= item.took <= item.high for item in items)
    return (
        f"- **{name}**: median error a factor of {median(errors(items)):.2f};"
        f" {close} of {len(items)} within a factor of {_AIM:g},"
        f" {within} of {len(items)} within their range"
    )


def _seconds(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - two digits
