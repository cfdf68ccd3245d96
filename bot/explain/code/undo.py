"""Alembic code that takes catalogue differences back, for the ``downgrade`` of the reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bot.explain.code.undo_column import alter_column
from bot.explain.names.names import comment, execute, op_table, own_name, python_string, sql_name
from bot.explain.schema.enums import added_values, recreate
from bot.facts import Difference

# What has to go first stands first: each kind may use those after it.
_ORDER = (
    "event trigger", "trigger", "policy", "rule", "publication", "statistics", "view",
    "materialized view", "default privilege", "constraint", "index", "column", "foreign table",
    "table", "sequence", "aggregate", "function", "procedure", "domain", "type", "collation",
    "server", "extension", "schema", "membership", "role",
)  # fmt: skip
_CONSTRAINTS = {
    "FOREIGN KEY": "foreignkey",
    "PRIMARY KEY": "primary",
    "UNIQUE": "unique",
    "CHECK": "check",
}


def take_back(differences: Iterable[Difference]) -> str:
    """Lines of Alembic code that end in ``before``, in an order that PostgreSQL accepts.

    Where the code cannot be known from the definitions, a comment says what has to be restored.
    """
    return "\n".join(_line(item) for item in sorted(differences, key=_rank))


def as_function(body: str, name: str = "downgrade") -> str:
    """The lines as the body of a revision's function."""
    indented, inside = [], False
    for line in body.split("\n"):
        indented.append(line if inside or not line else f"    {line}")
        inside ^= line.count('"""') % 2 == 1  # what is inside a long string keeps its margin
    return f"def {name}() -> None:\n" + ("\n".join(indented) or "    ...")


def _rank(item: Difference) -> tuple[bool, int, str]:
    restores = item.after is None  # what was dropped comes back in the opposite order
    place = _ORDER.index(item.kind) if item.kind in _ORDER else len(_ORDER)
    return (restores, -place if restores else place, item.name)


def _line(item: Difference) -> str:
    if item.before is None:
        return _DROPS.get(item.kind, _drop_any)(item)
    if item.after is None:
        return _restore(item)
    if item.kind == "column":
        return alter_column(item)
    if added_values(item):
        return recreate(item)
    return _redefine(item)


def _drop_any(item: Difference) -> str:
    return execute(f"DROP {item.kind.upper()} {sql_name(item.name)}")


def _drop_table(item: Difference) -> str:
    name, schema = op_table(item.name)
    return f"op.drop_table({name}{schema})"


def _drop_column(item: Difference) -> str:
    table, schema = op_table(item.table)
    return f"op.drop_column({table}, {python_string(own_name(item))}{schema})"


def _drop_index(item: Difference) -> str:
    table, schema = op_table(item.table)
    return f"op.drop_index({python_string(own_name(item))}, table_name={table}{schema})"


def _drop_constraint(item: Difference) -> str:
    table, schema = op_table(item.table)
    words = (item.after or item.before or "").upper()
    kind = next((kind for word, kind in _CONSTRAINTS.items() if words.startswith(word)), None)
    suffix = f", type_={python_string(kind)}" if kind else ""
    return f"op.drop_constraint({python_string(own_name(item))}, {table}{suffix}{schema})"


def _drop_from_table(item: Difference) -> str:
    sql = f"DROP {item.kind.upper()} {sql_name(own_name(item))} ON {sql_name(item.table or '')}"
    return execute(sql)


def _say_drop(item: Difference) -> str:
    return comment(f"take back: {item.kind} {item.name} ({item.after})")


_DROPS: Mapping[str, Callable[[Difference], str]] = {
    "table": _drop_table,
    "column": _drop_column,
    "index": _drop_index,
    "constraint": _drop_constraint,
    "trigger": _drop_from_table,
    "policy": _drop_from_table,
    "rule": _drop_from_table,
    "default privilege": _say_drop,
    "membership": _say_drop,
    "setting": _say_drop,
}


def _restore(item: Difference) -> str:
    before, table = item.before or "", sql_name(item.table or "")
    if item.kind == "column":
        return execute(f"ALTER TABLE {table} ADD COLUMN {before}")
    if item.kind == "constraint":
        name = sql_name(own_name(item))
        return execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {before}")
    if re.match(r"(CREATE|GRANT)\b", before):
        # A table's indexes and triggers follow it in its definition, each a statement of its own.
        return "\n".join(execute(sql) for sql in re.split(r";\n(?=CREATE |ALTER )", before))
    return comment(f"restore {item.kind} {item.name}: {before}")


def _redefine(item: Difference) -> str:
    before = item.before or ""
    if item.attribute == "comment":
        text = "'" + before.replace("'", "''") + "'" if before else "NULL"
        return execute(f"COMMENT ON {item.kind.upper()} {sql_name(item.name)} IS {text}")
    if item.attribute in ("definition", "validity") and item.kind == "constraint":
        return f"{_drop_constraint(item)}\n{_restore(item)}"
    if item.attribute == "definition" and item.kind == "index":
        return f"{_drop_index(item)}\n{execute(before)}"
    if item.attribute == "definition" and before.startswith("CREATE"):
        return execute(before.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    what = f"{item.attribute} of {item.kind} {item.name}"
    return comment(f"restore the {what}: {before or 'none'}")
