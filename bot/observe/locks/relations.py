"""Relations as the watch sees them, and what their counters say."""

from __future__ import annotations

from dataclasses import dataclass

from bot.observe.protocol import count

FIRST_OID = 16384  # FirstNormalObjectId (access/transam.h): what is below came with the server

# pg_class.relkind, PostgreSQL docs, "pg_class", in the words of the catalogue snapshots.
KINDS = {
    "r": "table",
    "p": "partitioned table",
    "i": "index",
    "I": "partitioned index",
    "S": "sequence",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
    "c": "composite type",
}
_INDEXES = frozenset({"i", "I"})
_NAME = 512


@dataclass(frozen=True)
class Relation:
    """One row of ``pg_class``.

    ``kind`` is its ``relkind``, ``storage`` its ``relfilenode`` (0: none). ``owner`` is the label
    of the table that an index or owned sequence belongs to, None for all others. ``constraint`` is
    true for an index that backs one.
    """

    oid: int
    schema: str
    name: str
    kind: str
    owner: str | None = None
    storage: int = 0
    constraint: bool = False

    @property
    def label(self) -> str:
        """``schema.name``, as facts have it."""
        return label(self.schema, self.name)

    @property
    def table(self) -> str:
        """The label of the table that it belongs to or is."""
        return self.owner or self.label

    @property
    def is_index(self) -> bool:
        """Whether it is an index, partitioned or not."""
        return self.kind in _INDEXES


@dataclass(frozen=True)
class Counters:
    """How often a relation was read from end to end, and how many rows were written."""

    scans: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def since(self, earlier: Counters) -> Counters:
        """What was added; never negative (a dropped relation's counters start again)."""
        return Counters(
            count(self.scans - earlier.scans),
            count(self.inserted - earlier.inserted),
            count(self.updated - earlier.updated),
            count(self.deleted - earlier.deleted),
        )


NONE = Counters()


def label(schema: str, name: str) -> str:
    """``schema.name``; the number in the name of a session's temporary schema means nothing."""
    if schema.startswith("pg_temp_"):
        schema = "pg_temp"
    return f"{schema}.{name}"[:_NAME]


@dataclass(frozen=True)
class Ignored:
    """Relations that no effect is told of: those of the server, TOAST, Alembic's version tables.

    ``version_tables`` are (schema, name); a schema that is None stands for any.
    """

    version_tables: frozenset[tuple[str | None, str]] = frozenset()

    def __contains__(self, relation: object) -> bool:
        if not isinstance(relation, Relation):
            return False
        if relation.kind not in KINDS or relation.schema == "pg_toast":
            return True
        return any(
            relation.table == f"{schema}.{name}"
            if schema is not None
            else relation.table.endswith(f".{name}")
            for schema, name in self.version_tables
        )
