"""What one statement of a text says: its kind, what it names and its details, as parsed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.sql.names import Name
from bot.sql.tables import Action, Column, Constraint, Default


@dataclass(frozen=True)
class IndexKey:
    """One key of an index: its SQL, and the column where it is a plain one.

    ``operator_class`` and ``collation`` are None where they were not written.
    """

    sql: str
    column: str | None = None
    operator_class: str | None = None
    collation: str | None = None
    descending: bool = False


@dataclass(frozen=True)
class CreateIndex:
    """CREATE INDEX; ``name`` is None where PostgreSQL chooses it, ``predicate`` the WHERE."""

    name: str | None
    table: Name
    method: str
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    predicate: str | None = None
    unique: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    only: bool = False
    nulls_not_distinct: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class CreateTable:
    """CREATE TABLE, from a query too (``from_query``: AS, SELECT INTO).

    ``partition_of`` names the parent, ``partition_by`` the strategy ("range", "list", "hash").
    """

    table: Name
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False
    persistence: str = "permanent"  # or "unlogged", "temporary"
    partition_of: Name | None = None
    partition_by: str | None = None
    inherits: tuple[Name, ...] = ()
    like: tuple[Name, ...] = ()
    from_query: bool = False


@dataclass(frozen=True)
class AlterTable:
    """ALTER TABLE (``object`` "table") or what PostgreSQL alters alike ("index", "view", …)."""

    table: Name
    object: str
    actions: tuple[Action, ...]
    if_exists: bool = False
    only: bool = False


@dataclass(frozen=True)
class Rename:
    """RENAME of an ``object`` ("table", "column", "constraint", "index", …).

    ``relation`` is what is renamed or the relation it belongs to. SET SCHEMA has the object
    "schema of …" and the new schema.
    """

    object: str
    relation: Name | None
    old: str
    new: str


@dataclass(frozen=True)
class Drop:
    """DROP of one or more objects of one kind (``object`` "table", "index", "type", …).

    ``names`` of a trigger, policy or rule are its own, ``relation`` its table's.
    """

    object: str
    names: tuple[Name, ...]
    concurrently: bool = False
    if_exists: bool = False
    cascade: bool = False
    relation: Name | None = None


@dataclass(frozen=True)
class Modify:
    """INSERT, UPDATE, DELETE or MERGE (``command``).

    ``where`` is the condition as deparsed, None without one; ``restricts`` is false without one and
    for one that is always true; ``vague`` is true for one that names no value to look for: nothing
    but NULL tests (not ``IS NULL`` in a DELETE: it looks for the odd rows), ``<``, ``<>`` and joins
    with other tables. ``slices`` is true where the statement takes a bounded part of the table by
    its own words: a LIMIT in a sub-select (``sliced`` is that one's condition), ``ctid``, a range
    with both ends. ``unfilled`` are the columns of a condition, the sub-select's included, that is
    nothing but ``IS NULL`` tests. ``columns`` are those that it sets, ``values`` what an UPDATE
    sets them to, ``sources`` the other relations that it reads.
    """

    command: str
    table: Name
    where: str | None = None
    restricts: bool = False
    vague: bool = False
    slices: bool = False
    sliced: str | None = None
    columns: tuple[str, ...] = ()
    values: tuple[Default, ...] = ()
    unfilled: tuple[str, ...] = ()
    sources: tuple[Name, ...] = ()
    from_query: bool = False
    rows: int | None = None  # of a VALUES list

    @property
    def unsliced(self) -> Modify:
        """The same for all rows: its condition without what bounds a batch."""
        return replace(self, where=self.sliced, restricts=self.sliced is not None, slices=False)


@dataclass(frozen=True)
class Truncate:
    """TRUNCATE of one or more tables."""

    tables: tuple[Name, ...]
    cascade: bool = False


@dataclass(frozen=True)
class LockTable:
    """LOCK TABLE; ``mode`` as ``pg_locks`` names it."""

    tables: tuple[Name, ...]
    mode: str
    nowait: bool = False


@dataclass(frozen=True)
class Refresh:
    """REFRESH MATERIALIZED VIEW."""

    view: Name
    concurrently: bool = False
    with_data: bool = True


@dataclass(frozen=True)
class Reindex:
    """REINDEX of an ``object``: "index", "table", "schema", "system" or "database"."""

    object: str
    name: Name | None
    concurrently: bool = False


@dataclass(frozen=True)
class Cluster:
    """CLUSTER; without a table all that were clustered before."""

    table: Name | None
    index: str | None = None


@dataclass(frozen=True)
class Vacuum:
    """VACUUM or ANALYZE (``command``); without tables the whole database."""

    command: str
    tables: tuple[Name, ...] = ()
    columns: tuple[str, ...] = ()
    full: bool = False
    analyze: bool = False


@dataclass(frozen=True)
class Transaction:
    """BEGIN, COMMIT, ROLLBACK and the savepoint commands (``command``, in lower case)."""

    command: str
    savepoint: str | None = None

    @property
    def ends_or_begins(self) -> bool:
        """Whether a transaction starts or ends: savepoints stay inside one."""
        return self.savepoint is None


@dataclass(frozen=True)
class SetParameter:
    """SET, RESET or ``set_config``; ``value`` is None for RESET and DEFAULT."""

    parameter: str
    value: str | None
    local: bool = False


@dataclass(frozen=True)
class Comment:
    """COMMENT ON an ``object``; ``text`` is None for NULL."""

    object: str
    name: str
    text: str | None


@dataclass(frozen=True)
class Do:
    """DO: what it did is told by its effects, never by its body."""

    language: str
    body: str


@dataclass(frozen=True)
class CreateFunction:
    """CREATE FUNCTION or PROCEDURE; ``settings`` are the parameters it SETs, ``body`` its text."""

    name: Name
    replace: bool = False
    language: str = "sql"
    security_definer: bool = False
    volatility: str = "volatile"
    settings: tuple[str, ...] = ()
    body: str | None = None


@dataclass(frozen=True)
class CreateSchema:
    """CREATE SCHEMA; ``name`` is that of its owner where only AUTHORIZATION was written."""

    name: str
    if_not_exists: bool = False


Detail = (
    CreateIndex
    | CreateTable
    | AlterTable
    | Rename
    | Drop
    | Modify
    | Truncate
    | LockTable
    | Refresh
    | Reindex
    | Cluster
    | Vacuum
    | Transaction
    | SetParameter
    | Comment
    | Do
    | CreateFunction
    | CreateSchema
)


@dataclass(frozen=True)
class Piece:
    """One statement of a text.

    ``kind`` is the command in lower case ("create index", "alter table", "drop table", "update",
    "transaction", "do", …; "unknown" for what could not be parsed). ``text`` is the statement as it
    was written, without the semicolon; ``start`` and ``end`` are its place in the text in
    characters. ``relation`` is the first relation it is about. ``detail`` is None for kinds that
    nobody needs to look into. ``modifies`` holds every INSERT, UPDATE, DELETE and MERGE, those in
    WITH included, the outermost first.
    """

    kind: str
    text: str
    start: int
    end: int
    relation: Name | None = None
    detail: Detail | None = None
    modifies: tuple[Modify, ...] = ()
