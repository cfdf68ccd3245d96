"""The rows of ``sql/structure.sql`` with their fields' names: each is an array there."""

from __future__ import annotations

import msgspec


class Attribute(msgspec.Struct, array_like=True, frozen=True):
    """A column that was not dropped."""

    number: int
    name: str
    type: int
    modifier: int
    collation: int


class RelationRow(msgspec.Struct, array_like=True, frozen=True):
    """A table or materialized view."""

    oid: int
    schema: str
    name: str
    kind: str
    attributes: list[Attribute] | None
    parents: list[int] | None
    is_partition: bool
    strategy: str | None
    partition_key: list[int] | None


class TypeRow(msgspec.Struct, array_like=True, frozen=True):
    """A type; ``element`` is 0 for what is no array, ``base`` for what is no domain."""

    oid: int
    name: str
    type: str
    category: str
    element: int
    base: int
    modifier: int


class CompositeAttribute(msgspec.Struct, array_like=True, frozen=True):
    """One attribute of a composite type."""

    name: str
    type: int
    modifier: int
    written: str


class CompositeRow(msgspec.Struct, array_like=True, frozen=True):
    """A composite type."""

    name: str
    attributes: list[CompositeAttribute] | None


class ConstraintRow(msgspec.Struct, array_like=True, frozen=True):
    """A constraint of a table; codes as in pg_constraint."""

    relation: int
    name: str
    type: str
    columns: list[int] | None
    references: int
    references_name: str | None
    referenced: list[int] | None
    on_delete: str
    on_update: str
    match: str
    cleared: list[int] | None
    deferrable: bool
    deferred: bool
    no_inherit: bool
    validated: bool
    enforced: bool
    inherited: bool
    index: int
    definition: str | None


class IndexRow(msgspec.Struct, array_like=True, frozen=True):
    """An index; ``key`` holds 0 for an expression, the options' bits are those of pg_index."""

    oid: int
    relation: int
    schema: str
    name: str
    method: str
    keys: int
    key: list[int]
    options: list[int]
    opclasses: list[int]
    collations: list[int]
    unique: bool
    primary: bool
    nulls_not_distinct: bool
    valid: bool
    predicate: str | None
    expressions: list[str] | None
    parent: int | None


class TriggerRow(msgspec.Struct, array_like=True, frozen=True):
    """A trigger; ``type`` holds the bits of pg_trigger.tgtype."""

    relation: int
    name: str
    type: int
    function: str
    enabled: str
    constraint: bool
    inherited: bool
    definition: str


class FunctionRow(msgspec.Struct, array_like=True, frozen=True):
    """A function or procedure."""

    name: str
    language: str
    returns: str
    security_definer: bool
    settings: list[str] | None


class Named(msgspec.Struct, array_like=True, frozen=True):
    """An object that is only called by its name."""

    oid: int
    name: str


class Structure(msgspec.Struct, frozen=True):
    """Everything that ``structure.sql`` reads; a section without rows is None."""

    relations: list[RelationRow] | None = None
    types: list[TypeRow] | None = None
    composites: list[CompositeRow] | None = None
    constraints: list[ConstraintRow] | None = None
    indexes: list[IndexRow] | None = None
    opclasses: list[Named] | None = msgspec.field(default=None, name="operator classes")
    collations: list[Named] | None = None
    triggers: list[TriggerRow] | None = None
    functions: list[FunctionRow] | None = None


def read(raw: bytes) -> Structure:
    """The rows, typed.

    Raises:
        ValueError: the snapshot was taken without its structure.
    """
    if not raw:
        raise ValueError("this snapshot was taken without its structure")
    try:
        text = raw.decode()
    except UnicodeDecodeError:  # a SQL_ASCII database holds any bytes
        text = raw.decode("utf-8", "replace")
    return msgspec.json.decode(text, type=Structure, strict=False)  # PostgreSQL quotes object ids
