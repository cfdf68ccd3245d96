"""Tables that seem as large as production's: the planner asks for a file's length and counters.

Statistics alone do nothing for EXPLAIN, which multiplies them by the file's real length. So the
files of relations are made as long as production's, without a byte written (sparse), on a server of
our own and in a database that nobody clones or reads from afterwards.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.facts.sizes import Size
from bot.observe.server import Server

if TYPE_CHECKING:
    from psycopg import Connection

_PAGE = 8192  # bytes (PostgreSQL docs, "Database Page Layout")
_SEGMENT = 131_072  # pages of one file (1 GB)
_MOST_SEGMENTS = 512  # files of one relation; a larger table keeps its rows and seems that long
_ENTRY = 40  # bytes of one entry of an index, about: its key, a pointer, a page's free space
_LEAST_HEAP = 0.3  # of a table's bytes, however many indexes it has
_INDEXED = ("btree", "hash", "gin", "gist", "spgist")  # brin is small whatever the table is

_RELATIONS = """
    SELECT c.oid::bigint, n.nspname || '.' || c.relname, c.relkind::text,
        COALESCE(i.indrelid, 0)::bigint, COALESCE(a.amname, ''),
        pg_catalog.pg_relation_filepath(c.oid),
        COALESCE((SELECT pg_catalog.array_agg(t.relid::oid::bigint)
            FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf AND t.relid <> c.oid), '{}')
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
    WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm', 'i')
"""


@dataclass(frozen=True)
class Relation:
    """A table, materialized view or index, and where its first file lies below the server's data.

    ``of`` is the oid of an index's table, 0 for others; ``parts`` those of a table's partitions.
    """

    oid: int
    name: str
    kind: str
    of: int
    method: str
    file: str | None
    parts: tuple[int, ...]


def relations(connection: Connection[tuple[object, ...]]) -> tuple[Relation, ...]:
    """All of one database that its users made."""
    rows = connection.execute(_RELATIONS).fetchall()
    return tuple(
        Relation(
            int(str(oid)),
            str(name),
            str(kind),
            int(str(of)),
            str(method),
            None if file is None else str(file),
            tuple(int(str(part)) for part in parts) if isinstance(parts, list) else (),
        )
        for oid, name, kind, of, method, file, parts in rows
    )


def shares(found: Iterable[Relation], sizes: Iterable[Size]) -> dict[int, tuple[int, int]]:
    """Rows and bytes by the tables' oids; what is stated of a whole goes to its parts evenly."""
    named = {item.name: item for item in found}
    stated = {named[size.table].oid: size for size in sizes if size.table in named}
    known = {
        oid: (size.rows, size.bytes)
        for oid, size in stated.items()
        if not named[size.table].parts and named[size.table].kind != "p"
    }
    for size in stated.values():
        parts = [oid for oid in named[size.table].parts if oid not in stated]
        for oid in parts:
            known[oid] = size.rows // len(parts), size.bytes // len(parts)
    return known


def enlarge(server: Server, database: str, known: Mapping[int, tuple[int, int]]) -> None:
    """Make these tables and their indexes seem to hold so many rows and bytes.

    Raises:
        psycopg.Error, OSError: it cannot be done.
    """
    data = server.data
    if data is None:
        raise OSError("the server's files are not ours")
    with server.connect(database) as connection:
        found = relations(connection)
        for table in found:
            if table.oid not in known or table.kind not in ("r", "m"):
                continue
            rows, size = known[table.oid]
            indexes = [item for item in found if item.of == table.oid and item.method in _INDEXED]
            entries = rows * _ENTRY
            heap = max(size - entries * len(indexes), int(size * _LEAST_HEAP))
            for item, bytes_ in ((table, heap), *((index, entries) for index in indexes)):
                pages = _lengthen(data, item, bytes_ // _PAGE + 1)
                connection.execute(
                    "UPDATE pg_catalog.pg_class SET reltuples = %s, relpages = %s,"
                    " relallvisible = CASE WHEN relkind = 'i' THEN 0 ELSE %s END WHERE oid = %s",
                    (rows, pages, pages, item.oid),
                )


def _lengthen(data: Path, item: Relation, pages: int) -> int:
    """Make the relation's files that long; how many pages they have then."""
    if item.file is None:
        return 0
    pages = min(pages, _MOST_SEGMENTS * _SEGMENT)
    for number in range(-(-pages // _SEGMENT)):
        suffix = f".{number}" if number else ""
        own = min(_SEGMENT, pages - number * _SEGMENT)
        pages = max(pages, _truncate(data, f"{item.file}{suffix}", own, new=number > 0))
    return pages


def _truncate(data: Path, name: str, pages: int, *, new: bool) -> int:
    """One file; it is the server's own, in its own folder, or nothing is done to it."""
    path = data / name
    owner = data.stat().st_uid
    if path.parent.resolve() != path.parent or data.resolve() not in path.parents:
        raise OSError(f"{name} lies outside the server's folder")
    flags = os.O_WRONLY | os.O_NOFOLLOW | (os.O_CREAT if new else 0)
    handle = os.open(path, flags, 0o600)
    try:
        about = os.fstat(handle)
        if new and about.st_uid != owner:
            os.fchown(handle, owner, -1)
        elif about.st_uid != owner or not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
            raise OSError(f"{name} is not a file of the server")
        os.ftruncate(handle, max(about.st_size, pages * _PAGE))
        return max(about.st_size // _PAGE, pages)
    finally:
        os.close(handle)
