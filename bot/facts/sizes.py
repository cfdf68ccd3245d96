"""How large production's tables are, and what work on them costs where it was measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.facts.run import Direction


@dataclass(frozen=True)
class Size:
    """One table of production, as ``table-stats`` states it.

    ``table`` is ``schema.name``, ``bytes`` all that it takes on disk, TOAST and indexes included.
    ``writes_per_second`` counts rows inserted, updated and deleted, None where it is not stated.
    """

    table: str
    rows: int
    bytes: int
    writes_per_second: float | None = None

    @property
    def width(self) -> float:
        """Bytes a row."""
        return self.bytes / max(self.rows, 1)


class Work(Enum):
    """What a statement did whose time grows with the table."""

    REWRITE = "rewrite"  # every row written anew, indexes too
    INDEX = "index build"
    ROWS = "rows written"  # by UPDATE or DELETE
    SCAN = "scan"


@dataclass(frozen=True)
class Point:
    """One measurement: the statement's time in milliseconds on a table of that size."""

    rows: int
    bytes: int
    ms: float


@dataclass(frozen=True)
class Measured:
    """What one statement of a revision's upgrade or downgrade costs on one table.

    ``statement`` is its place among that direction's statements, from 0. ``size`` is that of the
    table in production, ``empty_ms`` its time where the table held no row, ``points`` those at the
    sizes that were tried, smallest first; a point is the fastest of a few runs.
    """

    revision: str
    statement: int
    table: str
    work: Work
    size: Size
    empty_ms: float
    points: tuple[Point, ...]
    direction: Direction = Direction.UPGRADE
