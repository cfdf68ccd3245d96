"""One catalogue at one moment, read by one query and parsed when somebody looks inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from bot.observe.catalogue.query import OLDEST_MAJOR, compose, settings

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

_NAME = "db_recheck_snapshot"

Row = dict[str, Any]
"""One object: ``name``, ``kind``, perhaps ``table`` and ``parent``, and its attributes.

Attributes with the value NULL are left out: an attribute that is not there has its default.
"""

Key = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True)
class Ignore:
    """What no snapshot holds, with all that hangs on it.

    ``version_tables`` are Alembic's own, as schema and name: the tool's, not the schema's. Without
    a schema the table is left out wherever it lies.
    """

    version_tables: tuple[tuple[str | None, str], ...] = ()

    def patterns(self) -> list[str]:
        """``schema.table``, with ``*`` for any schema: the query's ``$1``."""
        return [f"{schema or '*'}.{name}" for schema, name in self.version_tables]


@dataclass(frozen=True)
class Snapshot:
    """A catalogue; two snapshots with equal ``raw`` bytes hold the same schema.

    ``raw`` is JSON: kind → rows. It holds no OIDs and does not depend on the order of columns, on
    the database's name or on the session's settings. ``structure``, where it was asked for, is what
    ``schema_of`` needs on top; it takes no part in comparisons.
    """

    raw: bytes
    structure: bytes = field(default=b"", compare=False)

    @cached_property
    def rows(self) -> dict[Key, Row]:
        """Every object by kind and name."""
        try:
            sections = msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, UnicodeDecodeError):  # a SQL_ASCII database holds any bytes
            sections = msgspec.json.decode(self.raw.decode("utf-8", "replace"))
        found: dict[Key, Row] = {}
        for section, rows in sections.items():
            for each in rows or ():
                row = _row(section, each)
                key = (row["kind"], row["name"])
                while key in found:  # schema "a.b" + table "c" reads like schema "a" + table "b.c"
                    key = (key[0], f"{key[1]}'")
                found[key] = row
        return found

    @cached_property
    def children(self) -> dict[str, list[Row]]:
        """What belongs to each table or view, by the table's name."""
        found: dict[str, list[Row]] = {}
        for row in self.rows.values():
            if "table" in row:
                found.setdefault(row["table"], []).append(row)
        return found


def _row(section: str, fields: dict[str, Any]) -> Row:
    """The fields of one object, with its constraint's NOT VALID and NOT ENFORCED apart."""
    more = fields.pop("more", None) or {}
    row = {name: value for name, value in (fields | more).items() if value is not None}
    row.setdefault("kind", section)
    if row["kind"] == "constraint":
        definition = row["definition"].removesuffix(" NOT VALID")
        row["definition"] = definition.removesuffix(" NOT ENFORCED")
        if row["definition"] != definition:
            row |= {"enforced": False, "validity": True}
    return row


class OldServer(Exception):
    """The server's major is older than every one that is still read here."""


def plan(connection: Connection[Any]) -> None:
    """Have the server plan the query once for this connection (some 50 ms), without running it.

    Planning looks at PostgreSQL's own tables alone, so it can be done while others change theirs.

    Raises:
        OldServer: PostgreSQL before 13.
        psycopg.Error: as the server raised it.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(settings().encode())
        cursor.execute(b"SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE {_NAME}(text[], bool) AS {compose(_major(connection))}".encode())
        cursor.execute(f"EXPLAIN EXECUTE {_NAME}('{{}}', false)".encode())


def planned_snapshot(
    connection: Connection[Any], ignore: Ignore, *, structure: bool = False
) -> Snapshot:
    """As ``snapshot``, over a connection for which ``plan`` has been called."""
    from psycopg import sql

    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(settings().encode())
        patterns = sql.Literal(ignore.patterns())
        name, wanted = sql.Identifier(_NAME), sql.Literal(structure)
        cursor.execute(sql.SQL("EXECUTE {}({}, {})").format(name, patterns, wanted))
        return _read(cursor)


def _major(connection: Connection[Any]) -> int:
    major: int = connection.info.server_version // 10000
    if major < OLDEST_MAJOR:
        raise OldServer(
            f"the server is PostgreSQL {major}; {OLDEST_MAJOR} is the oldest that can be checked"
        )
    return major


def _read(cursor: Cursor[Any]) -> Snapshot:
    from psycopg import InternalError

    result = cursor.pgresult
    raw = result.get_value(0, 0) if result is not None else None
    if result is None or raw is None:
        raise InternalError("the catalogue query returned nothing")
    return Snapshot(bytes(raw), bytes(result.get_value(0, 1) or b""))


def snapshot(connection: Connection[Any], ignore: Ignore, *, structure: bool = False) -> Snapshot:
    """Read the catalogue of the connection's database.

    ``structure`` makes it fit for ``schema_of``; it costs half as much again.

    The connection should be in autocommit mode: settings are made for one transaction, and inside a
    caller's transaction they would last until its end. The first snapshot over a connection costs
    the planning of the query on top (10 to 15 ms): reuse the connection.

    Raises:
        OldServer: PostgreSQL before 13.
        psycopg.Error: as the query raised it.
    """
    from psycopg import RawCursor

    major = _major(connection)
    with connection.transaction(), RawCursor(connection) as cursor:
        cursor.execute(settings())
        # Planning takes longer than reading a small schema: prepared, it is paid once a connection.
        cursor.execute(compose(major), [ignore.patterns(), structure], prepare=True)
        return _read(cursor)
