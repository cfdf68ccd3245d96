"""Columns that repeat what can be read elsewhere, as far as names tell."""

from __future__ import annotations

from dataclasses import dataclass

from bot.explain.guesses.plurals import plural, singular
from bot.facts.schema import Column, Schema, Table
from bot.sql import quoted
from bot.wording import code

_KEYS = ("id", "uuid", "key")


@dataclass(frozen=True)
class Copy:
    """Why a column looks like a copy, in a title and in a sentence; what to read instead."""

    short: str
    long: str
    instead: str
    sql: str


def copied(schema: Schema, table: Table, column: Column) -> Copy | None:
    """What the column repeats; None where nothing says that it does."""
    return _of_parent(schema, table, column) or _of_children(schema, table, column) or _list(column)


def _of_parent(schema: Schema, table: Table, column: Column) -> Copy | None:
    """``customer_name`` beside a key to ``customers``, which has ``name``."""
    for key in table.foreign_keys:
        parent = schema.table(key.references or "")
        if parent is None or column.name in key.columns or parent is table:
            continue
        stem, bar, rest = column.name.partition(f"{singular(parent.name)}_")
        own = parent.column(rest) if bar and not stem else None
        if own is not None and rest not in _KEYS and own.type.base == column.type.base:
            origin = code(f"{parent.full_name}.{rest}")
            join = " AND ".join(
                f"p.{quoted(theirs)} = c.{quoted(mine)}"
                for mine, theirs in zip(key.columns, key.referenced, strict=False)
            )
            return Copy(
                f"repeats {origin}",
                f"{code(key.name)} leads to {origin}, which holds the same.",
                "Read it through the join",
                f"SELECT c.*, p.{quoted(rest)} FROM {table.full_name} c\n"
                f"JOIN {parent.full_name} p ON {join}",
            )
    return None


def _of_children(schema: Schema, table: Table, column: Column) -> Copy | None:
    """``comment_count`` of a table that ``comments`` refers to."""
    if column.type.category != "N" or column.type.array:
        return None
    name = column.name
    stem = name.removesuffix("_count").removesuffix("_total").removeprefix("num_")
    stem = stem.removeprefix("total_").removeprefix("number_of_")
    if stem == name:
        return None
    for child in schema.tables:
        keys = [key for key in child.foreign_keys if key.references == table.full_name]
        if keys and child.name in (stem, plural(stem)) and child.partition_of is None:
            mine = quoted(keys[0].columns[0])
            return Copy(
                f"counts {code(child.full_name)}",
                f"The rows of {code(child.full_name)} tell the same, and change without it.",
                "Count when asked",
                f"SELECT {mine}, count(*) FROM {child.full_name} GROUP BY {mine}",
            )
    return None


def _list(column: Column) -> Copy | None:
    """``tag_ids``: references that no foreign key can guard."""
    many = column.type.array or column.type.category == "S" or column.type.base in ("json", "jsonb")
    if not many or not column.name.endswith("_ids"):
        return None
    target = plural(column.name.removesuffix("_ids"))
    return Copy(
        "holds a list of references",
        "No foreign key can guard the ids in it, and to find a row by one of them reads all.",
        "Give the references a table of their own",
        f"CREATE TABLE <this>_{target} (\n    <this>_id bigint NOT NULL REFERENCES <this>,\n"
        f"    {singular(target)}_id bigint NOT NULL REFERENCES {target},\n"
        f"    PRIMARY KEY (<this>_id, {singular(target)}_id)\n)",
    )
