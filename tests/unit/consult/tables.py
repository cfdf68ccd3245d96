"""Tables written by hand."""

from __future__ import annotations

from bot.facts.data_types import DataType, EnumType
from bot.facts.relation import Constraint, Index, IndexKey
from bot.facts.schema import Column, Schema, Table

TYPES = {
    "uuid": DataType("uuid", "uuid"),
    "text": DataType("text", "text", category="S"),
    "bigint": DataType("bigint", "bigint", category="N"),
    "boolean": DataType("boolean", "boolean", category="B"),
    "timestamptz": DataType("timestamp with time zone", "timestamp with time zone", category="D"),
    "jsonb": DataType("jsonb", "jsonb"),
    "json": DataType("json", "json"),
    "text[]": DataType("text[]", "text", category="S", array=True),
    "tstzrange": DataType("tstzrange", "tstzrange", kind="range", category="R"),
    "mood": DataType("public.mood", "public.mood", kind="enum", category="E"),
}


def index(name: str, *columns: str, unique: bool = False, predicate: str | None = None) -> Index:
    """A B-tree on columns."""
    keys = tuple(map(IndexKey, columns))
    definition = f"CREATE INDEX {name}"
    return Index(f"public.{name}", keys, definition, unique=unique, predicate=predicate)


def table(name: str = "notes", *indexes: Index, **columns: str) -> Table:
    """A table with a primary key ``id`` and these columns, by their types."""
    found = {"id": "bigint", **columns}
    return Table(
        "public",
        name,
        columns=tuple(
            Column(column, at, TYPES[kind], nullable=False)
            for at, (column, kind) in enumerate(found.items(), 1)
        ),
        constraints=(Constraint(f"pk_{name}", "primary key", ("id",), "PRIMARY KEY (id)"),),
        indexes=(index(f"pk_{name}", "id", unique=True), *indexes),
    )


def schema(*tables: Table) -> Schema:
    """A schema with an enum."""
    return Schema(tables, enums=(EnumType("public.mood", ("calm", "cross")),))
