"""Which Python type a column's values have, for annotations that are proposed."""

from __future__ import annotations

from bot.facts.models import ModelColumn

_TYPES = (
    (("BIGINT", "INTEGER", "SMALLINT"), "int"),
    (("VARCHAR", "TEXT", "CHAR"), "str"),
    (("BOOLEAN",), "bool"),
    (("FLOAT", "DOUBLE", "REAL"), "float"),
    (("NUMERIC", "DECIMAL"), "Decimal"),
    (("TIMESTAMP",), "datetime"),
    (("DATE",), "date"),
    (("TIME",), "time"),
    (("INTERVAL",), "timedelta"),
    (("UUID",), "UUID"),
    (("BYTEA",), "bytes"),
    (("JSON",), "dict[str, Any]"),
)


def python_type(column: ModelColumn | None) -> str:
    """Its Python type as it is usually imported; ``Any`` where the type is not a common one."""
    type_ = (column.type if column else "").upper()
    if type_.endswith("[]"):
        return "list[Any]"
    return next((name for starts, name in _TYPES if type_.startswith(starts)), "Any")


def mapped_annotation(column: ModelColumn | None) -> str:
    """``Mapped[...]`` for the column, with None where it may be NULL."""
    nullable = column is not None and column.nullable and not column.primary_key
    return f"Mapped[{python_type(column)}{' | None' if nullable else ''}]"
