"""What the target's models state: SQLAlchemy's mapped classes and tables. No opinions.

Read from ``target_metadata`` and the mappers in the target's own interpreter. A model that says
nothing of something has None or "" there; what could not be read is named in ``Models.unread``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelColumn:
    """A column of a table as the metadata states it.

    ``type`` is the DDL of PostgreSQL's dialect ("VARCHAR(50)"), "" where it has none of its own.
    ``attribute`` is the name under which the first mapped class has it, None when none maps it.
    ``server_default`` is its SQL; ``default`` and ``onupdate`` tell the Python side: "callable
    datetime.utcnow", "value", "sql", None. ``references`` are ``schema.table.column``.
    ``literals`` are the values of an enum type; ``annotation`` is the attribute's annotation.
    """

    name: str
    type: str = ""
    nullable: bool = True
    primary_key: bool = False
    attribute: str | None = None
    server_default: str | None = None
    default: str | None = None
    onupdate: str | None = None
    server_onupdate: bool = False
    identity: bool = False
    computed: bool = False
    autoincrement: bool = False
    references: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    annotation: str | None = None
    deferred: bool = False
    comment: str | None = None


@dataclass(frozen=True)
class ModelConstraint:
    """A constraint of the metadata; ``kind`` is primary, unique, check, foreign or exclude.

    ``name`` is None where neither the model nor its naming convention gives one. ``on_delete`` is
    the model's word, None when it says nothing. ``sql`` is the text of a check.
    """

    kind: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None
    sql: str | None = None


@dataclass(frozen=True)
class ModelIndex:
    """An index of the metadata; ``columns`` are names, or the SQL of expressions."""

    name: str | None
    columns: tuple[str, ...] = ()
    unique: bool = False
    method: str | None = None
    where: str | None = None


@dataclass(frozen=True)
class ModelTable:
    """A table of the metadata: ``name`` is ``schema.table`` (``public`` where it states none)."""

    name: str
    columns: tuple[ModelColumn, ...] = ()
    constraints: tuple[ModelConstraint, ...] = ()
    indexes: tuple[ModelIndex, ...] = ()
    comment: str | None = None

    def column(self, name: str) -> ModelColumn | None:
        """The column of that name, or None."""
        return next((item for item in self.columns if item.name == name), None)


@dataclass(frozen=True)
class Relationship:
    """An ORM relationship: ``target`` is the class's name, ``target_table`` ``schema.table``.

    ``direction`` is ``ONETOMANY``, ``MANYTOONE`` or ``MANYTOMANY``; ``lazy`` SQLAlchemy's word for
    how it loads ("select" is its default, and ``lazy_stated`` whether the model wrote it).
    """

    name: str
    target: str
    target_table: str
    direction: str
    back_populates: str | None = None
    backref: bool = False
    lazy: str = "select"
    lazy_stated: bool = False
    cascade: tuple[str, ...] = ()
    passive_deletes: bool = False
    uselist: bool = False
    viewonly: bool = False
    local_columns: tuple[str, ...] = ()
    remote_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class MappedClass:
    """A mapped class: where it stands, its table, its relationships.

    ``path`` is relative to the repository ("" outside of it) and ``line`` that of its ``class``
    statement, 0 where it was not looked for (files that the change does not touch). ``module`` is
    the dotted name under which it was imported. ``awaitable``: it has SQLAlchemy's ``AsyncAttrs``.
    """

    name: str
    qualname: str
    path: str
    line: int
    table: str
    doc: str | None = None
    style: str = "declarative"
    relationships: tuple[Relationship, ...] = ()
    columns: tuple[str, ...] = ()
    module: str = ""
    awaitable: bool = False


@dataclass(frozen=True)
class Models:
    """All that one tree's models state.

    ``naming_convention`` maps SQLAlchemy's keys ("ix", "uq", "ck", "fk", "pk") to patterns.
    ``unread`` says in words what could not be read; ``style`` of a class is ``declarative``,
    ``dataclass``, ``sqlmodel`` or ``imperative``. ``asynchronous``: env.py or the models use
    SQLAlchemy's asyncio extension. ``bases`` are the places from which a class can be mapped into
    this metadata: ``path:name`` for each name that a loaded file of the tree has for a declarative
    base or a mapped class, ``package:name`` for one from outside ("sqlmodel:SQLModel").
    ``versions`` holds those of SQLAlchemy, SQLModel and Pydantic as far as they are installed.
    """

    tables: tuple[ModelTable, ...] = ()
    classes: tuple[MappedClass, ...] = ()
    naming_convention: dict[str, str] | None = None
    asynchronous: bool = False
    unread: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    versions: dict[str, str] | None = None

    def table(self, name: str) -> ModelTable | None:
        """The table of that name (``schema.table``), or None."""
        return next((item for item in self.tables if item.name == name), None)
