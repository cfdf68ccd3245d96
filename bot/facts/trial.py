"""An index that was asked about: what to build and to ask, and what PostgreSQL then did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """One kind of query on one table.

    ``where`` pairs a column with its operator ("=", ">=", "@>", "<@", "&&", "@@"); ``fixed`` are
    further conditions as SQL. ``order`` and ``select`` are columns; no ``select`` means all of
    them, an empty ``order`` none, and ``descending`` is about the order. ``served``: the index is
    meant for it. ``why`` says why, or why not (Markdown).
    """

    where: tuple[tuple[str, str], ...] = ()
    fixed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    descending: bool = False
    select: tuple[str, ...] = ()
    limit: int | None = None
    served: bool = True
    why: str = ""


@dataclass(frozen=True)
class IndexWork:
    """An index to build on a filled table, and the queries to explain with it.

    ``table`` is ``schema.table``, ``index`` the name alone, ``create`` the SQL statement.
    """

    table: str
    index: str
    create: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Explained:
    """PostgreSQL's plan for one query.

    ``query`` has its values in it. ``plan`` is EXPLAIN's text without costs. ``uses`` tells whether
    the index is in it; of a shape that it is meant for, whether it also gives the order, or all
    that is read, where the shape asks that. ``forced``: only once reading the whole table and
    sorting were made unattractive (``enable_seqscan = off`` and the like), because so few rows are
    read and sorted faster.
    """

    shape: Shape
    query: str
    plan: str
    uses: bool
    forced: bool = False


@dataclass(frozen=True)
class IndexTrial:
    """What came of building it.

    ``rows`` counts the rows of the table that it was built on and ``bytes`` is the index's size
    there. ``failure`` is PostgreSQL's message where it was not built, or why no row could be made
    up. ``twin`` is an index (its bare name) that was there before and that PostgreSQL stores alike:
    the same method, keys, order and condition.
    """

    work: IndexWork
    rows: int = 0
    bytes: int | None = None
    failure: str | None = None
    twin: str | None = None
    explained: tuple[Explained, ...] = ()
