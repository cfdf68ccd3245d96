"""How PostgreSQL would run the application's named queries, before the change and after it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Query:
    """One named query of the file that the setting ``queries`` names.

    ``sql`` has its parameters as ``$1``, ``$2``, …; ``line`` is that of its name, from 1. ``new``
    is true where base's file does not have the name, or has another text under it.
    """

    name: str
    sql: str
    path: str
    line: int
    new: bool = False


@dataclass(frozen=True)
class Scan:
    """One table in a plan: ``how`` is PostgreSQL's word ("Seq Scan"), ``index`` what it goes by."""

    table: str
    how: str
    index: str | None = None


@dataclass(frozen=True)
class Plan:
    """What EXPLAIN says of one query.

    ``cost`` is the planner's total. ``indexes`` are all that it goes by, those of partitions under
    the name of the whole index too. ``unpruned`` are partitioned tables of which every partition is
    read, whatever the parameters are.
    """

    cost: float
    scans: tuple[Scan, ...] = ()
    indexes: tuple[str, ...] = ()
    unpruned: tuple[str, ...] = ()

    def read_whole(self, table: str) -> bool:
        """Whether the table is read from end to end."""
        return any(item.table == table and item.how == "Seq Scan" for item in self.scans)


@dataclass(frozen=True)
class Planned:
    """A query and its plans; None where PostgreSQL does not accept it on that side."""

    query: Query
    base: Plan | None = None
    head: Plan | None = None
