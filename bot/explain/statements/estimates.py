"""How long a statement would take on production's tables, out of what it took on small ones.

A statement costs something fixed, something for each row and something for each byte. The fixed
part is its time on an empty table; the other two are fitted to its times at two sizes, of which the
larger has rows as wide as production's where that could be had. An index is sorted: its rows count
with their logarithm. Scan, rewrite, index build and written rows are fitted apart, because each
statement is. docs/estimates.md holds estimates against what was then measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from bot.facts import Direction, Project
from bot.facts.sizes import Measured, Point, Work

_FACTOR = 2.0  # of the range, at least: that of most estimates in docs/estimates.md
_APART = 1.15  # how much wider rows must be for a cost of bytes to be told from one of rows
_BYTES_MATTER = {Work.SCAN: 0.5, Work.REWRITE: 0.7, Work.ROWS: 0.6, Work.INDEX: 0.4}
_MOST = 10**18
_NEVER_BELOW = 0.001  # milliseconds


@dataclass(frozen=True)
class Estimate:
    """Seconds on production's table, and the range in which they probably are."""

    table: str
    rows: int
    seconds: float
    low: float
    high: float
    writes_per_second: float | None = None


def estimates_of(
    project: Project, revision: str, place: int, direction: Direction = Direction.UPGRADE
) -> tuple[Estimate, ...]:
    """Those of the statement at that place of one direction, without what is no measure."""
    return tuple(
        estimated(item)
        for item in project.measured
        if (item.revision, item.statement, item.direction) == (revision, place, direction)
        and _is_measure(item)
    )


def _is_measure(measured: Measured) -> bool:
    """Facts are read from a file that anybody may have written."""
    size = measured.size
    points = [*measured.points, Point(size.rows, size.bytes, measured.empty_ms)]
    return len(measured.points) >= 2 and all(  # noqa: PLR2004 - two sizes
        0 < item.rows <= _MOST and 0 < item.bytes <= _MOST and 0 <= item.ms <= _MOST
        for item in points
    )


def estimated(measured: Measured) -> Estimate:
    """The estimate for one statement on one table."""
    small, large = measured.points[0], measured.points[-1]
    size = measured.size
    first, last, whole = (
        _weight(measured.work, rows) for rows in (small.rows, large.rows, size.rows)
    )
    times = [max(point.ms - measured.empty_ms, _NEVER_BELOW) for point in (small, large)]
    by_rows = times[1] / last * whole
    width = size.width / (large.bytes / large.rows)
    by_bytes = by_rows * width
    mixed = by_rows * width ** _BYTES_MATTER[measured.work]
    fitted = _fitted((first, small.bytes, times[0]), (last, large.bytes, times[1]))
    best = mixed
    if fitted is not None:
        best = fitted[0] * whole + fitted[1] * size.bytes
    low, high = min(by_rows, by_bytes, best), max(by_rows, by_bytes, best)
    fixed = measured.empty_ms
    return Estimate(
        measured.table,
        size.rows,
        (fixed + best) / 1000,
        (fixed + min(low, best / _FACTOR)) / 1000,
        (fixed + max(high, best * _FACTOR)) / 1000,
        size.writes_per_second,
    )


def _weight(work: Work, rows: int) -> float:
    return rows * log2(max(rows, 2)) if work is Work.INDEX else float(rows)


def _fitted(
    small: tuple[float, int, float], large: tuple[float, int, float]
) -> tuple[float, float] | None:
    """Milliseconds for each row and for each byte; None where the two cannot be told apart."""
    (rows_1, bytes_1, ms_1), (rows_2, bytes_2, ms_2) = small, large
    if bytes_2 / rows_2 < _APART * bytes_1 / rows_1:
        return None
    determinant = rows_1 * bytes_2 - rows_2 * bytes_1
    row = (ms_1 * bytes_2 - ms_2 * bytes_1) / determinant
    byte = (rows_1 * ms_2 - rows_2 * ms_1) / determinant
    return (row, byte) if row > 0 and byte > 0 else None
