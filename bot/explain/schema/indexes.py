"""What an index is good for, from its keys alone. Pure."""

from __future__ import annotations

from bot.facts.relation import Index
from bot.facts.schema import Table

_PREDICATE_OF_KEY = "({} IS NOT NULL)"


def serves_lookup(index: Index, columns: tuple[str, ...]) -> bool:
    """Whether rows with given values of these columns are found by it.

    It starts with the columns in any order, is valid and holds every row; rows whose column is NULL
    may be missing, because no lookup by value asks for them. A BRIN index finds ranges of pages.
    """
    if not index.valid or index.method == "brin" or not columns:
        return False
    if index.predicate not in (None, *(_PREDICATE_OF_KEY.format(name) for name in columns)):
        return False
    return index.starts_with(columns)


def lookup_index(table: Table, columns: tuple[str, ...]) -> Index | None:
    """An index of the table that serves lookups by these columns, or None."""
    return next((index for index in table.indexes if serves_lookup(index, columns)), None)


def same_keys(one: Index, other: Index) -> bool:
    """Whether both hold the same keys of the same rows in the same way, uniqueness aside."""
    return (one.method, one.keys, one.predicate) == (other.method, other.keys, other.predicate)


def contained(one: Index, other: Index) -> bool:
    """Whether all that the first can answer the second answers too: a prefix with its columns."""
    carried = {key.column for key in other.keys} | set(other.include)
    return (
        one.method == other.method == "btree"
        and other.valid
        and one.predicate == other.predicate
        and len(one.keys) < len(other.keys)
        and other.keys[: len(one.keys)] == one.keys
        and set(one.include) <= carried
    )
