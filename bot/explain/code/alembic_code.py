"""Calls of ``op`` for objects that the catalogue describes, as complete code."""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.code.op_code import autocommit, call, drop_leftover, on_table, strings
from bot.explain.names.names import python_string
from bot.facts.relation import Constraint
from bot.facts.schema import Table

_TYPES = {"foreign key": "foreignkey", "primary key": "primary"}


def create_index(
    table: Table, name: str, keys: Sequence[str], *, concurrently: bool = False, **more: str
) -> str:
    """``op.create_index`` on columns; ``more`` are further keywords, as Python code."""
    target, schema = on_table(table.full_name)
    if concurrently:
        more["postgresql_concurrently"] = "True"
    arguments = (python_string(name), target, strings(keys))
    text = call("op.create_index", *arguments, **schema, **more)
    return autocommit(drop_leftover(table.full_name, name), text) if concurrently else text


def drop_index(table: Table, index: str, *, concurrently: bool = False) -> str:
    """``op.drop_index``; ``index`` is its ``schema.name``."""
    target, schema = on_table(table.full_name)
    name = python_string(index.partition(".")[2])
    if not concurrently:
        return call("op.drop_index", name, table_name=target, **schema)
    more = {**schema, "postgresql_concurrently": "True"}
    return autocommit(call("op.drop_index", name, table_name=target, **more))


def drop_constraint(table: Table, constraint: Constraint) -> str:
    """``op.drop_constraint``."""
    target, schema = on_table(table.full_name)
    kind = python_string(_TYPES.get(constraint.kind, constraint.kind))
    return call("op.drop_constraint", python_string(constraint.name), target, type_=kind, **schema)


def create_primary_key(table: Table, name: str, columns: Sequence[str]) -> str:
    """``op.create_primary_key``."""
    target, schema = on_table(table.full_name)
    return call("op.create_primary_key", python_string(name), target, strings(columns), **schema)


def create_unique(table: Table, name: str, columns: Sequence[str]) -> str:
    """``op.create_unique_constraint``."""
    target, schema = on_table(table.full_name)
    arguments = (python_string(name), target, strings(columns))
    return call("op.create_unique_constraint", *arguments, **schema)


def create_check(table: Table, name: str, condition: str) -> str:
    """``op.create_check_constraint``; ``condition`` is SQL."""
    target, schema = on_table(table.full_name)
    arguments = (python_string(name), target, python_string(condition))
    return call("op.create_check_constraint", *arguments, **schema)


def create_foreign_key(
    table: Table,
    name: str,
    columns: Sequence[str],
    target: str,
    referenced: Sequence[str],
    on_delete: str | None = None,
    *,
    qualified: bool = False,
) -> str:
    """``op.create_foreign_key``; ``target`` is the referenced table ``schema.name``.

    Its schema is left out where it is ``public``, unless it shall be ``qualified`` all the same.
    """
    source, schema = on_table(table.full_name)
    other, other_schema = on_table(target)
    if qualified:
        other_schema = {"schema": python_string(target.partition(".")[0])}
    keywords = {"ondelete": python_string(on_delete)} if on_delete else {}
    if schema:
        keywords["source_schema"] = schema["schema"]
    if other_schema:
        keywords["referent_schema"] = other_schema["schema"]
    arguments = (python_string(name), source, other, strings(columns), strings(referenced))
    return call("op.create_foreign_key", *arguments, **keywords)


def alter_column(table: Table, column: str, **changes: str) -> str:
    """``op.alter_column``; ``changes`` as Python code: ``nullable="True"``."""
    target, schema = on_table(table.full_name)
    return call("op.alter_column", target, python_string(column), **changes, **schema)
