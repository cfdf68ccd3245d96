"""Columns that are called like a reference, and what they could refer to. A guess, by names."""

from __future__ import annotations

from bot.explain.guesses.plurals import plural
from bot.facts.models import Models
from bot.facts.schema import Column, Schema, Table

_KEY_TYPES = ("smallint", "integer", "bigint", "uuid", "text", "character varying")


def referred(schema: Schema, table: Table, column: Column) -> Table | None:
    """The table that ``<name>_id`` names, where there is one with such a key; else None.

    ``author_id`` is found as ``authors`` or ``author``, in the table's own schema first; of a name
    with a role in front (``billing_address_id``) the last words are tried too.
    """
    if not column.name.endswith("_id") or column.type.array or column.type.base not in _KEY_TYPES:
        return None
    words = column.name.removesuffix("_id").split("_")
    for start in range(len(words)):
        stem = "_".join(words[start:])
        found = [
            item
            for item in schema.tables
            if item.name in (stem, plural(stem))
            and item.partition_of is None
            and _fits(item, column)
        ]
        if found:
            return min(found, key=lambda item: (item.schema != table.schema, item.full_name))
    return None


def related(models: Models | None, schema: Schema, table: Table, column: Column) -> Table | None:
    """The table that a relationship of the models reaches by this column alone, or None."""
    for mapped in models.classes if models else ():
        for item in mapped.relationships if mapped.table == table.full_name else ():
            if item.direction == "MANYTOONE" and item.local_columns == (column.name,):
                return schema.table(item.target_table)
    return None


def _fits(target: Table, column: Column) -> bool:
    """Whether its key is one column of the same kind of value."""
    key = target.primary_key
    if key is None or len(key.columns) != 1:
        return False
    own = target.column(key.columns[0])
    return own is not None and own.type.category == column.type.category


def is_reference(table: Table, column: str) -> bool:
    """Whether a foreign key of the table has the column."""
    return any(column in key.columns for key in table.foreign_keys)


def kind_column(table: Table, column: str) -> Column | None:
    """The ``<name>_type`` beside ``<name>_id``: together they refer to rows of several tables."""
    stem = column.removesuffix("_id")
    names = (f"{stem}_type", f"{stem}_kind")
    return next((found for name in names if (found := table.column(name))), None)


def joins_two(table: Table) -> bool:
    """Whether it is an association: two foreign keys are its primary key, or unique together."""
    keys = table.foreign_keys
    if len(keys) != 2:  # noqa: PLR2004 - two sides
        return False
    both = {column for key in keys for column in key.columns}
    unique = (each for each in table.constraints if each.kind in ("primary key", "unique"))
    return any(set(each.columns) == both for each in unique)
