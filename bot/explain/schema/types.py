"""Whether one column's type can hold what another's holds."""

from __future__ import annotations

from enum import Enum

from bot.facts.data_types import DataType

_INTEGERS = ("smallint", "integer", "bigint")
_TEXTS = ("text", "character varying")


class Fit(Enum):
    """How a type relates to the one it should be like."""

    SAME = "same"
    WIDER = "wider"  # another type that holds every value
    OTHER = "other"  # some value does not fit


def fit(mine: DataType, wanted: DataType) -> Fit:
    """Whether ``mine`` holds every value of ``wanted``, domains and collations aside."""
    if (mine.base, mine.array) == (wanted.base, wanted.array):
        return _sizes(mine, wanted)
    if mine.base in _INTEGERS and wanted.base in _INTEGERS:
        wider = _INTEGERS.index(mine.base) > _INTEGERS.index(wanted.base)
        return Fit.WIDER if wider else Fit.OTHER
    if mine.base in _TEXTS and wanted.base in _TEXTS:
        return _sizes(mine, wanted)
    return Fit.OTHER


def _sizes(mine: DataType, wanted: DataType) -> Fit:
    """Longer texts and more digits do no harm, and joins do not care about either."""
    if mine.length is not None and (wanted.length is None or wanted.length > mine.length):
        return Fit.OTHER
    digits = zip(_digits(mine), _digits(wanted), strict=True)
    if mine.base == "numeric" and any(held < needed for held, needed in digits):
        return Fit.OTHER
    return Fit.SAME


def _digits(data_type: DataType) -> tuple[float, float]:
    if data_type.precision is None:
        return float("inf"), float("inf")
    scale = data_type.scale or 0
    return data_type.precision - scale, scale


_SQLALCHEMY = {
    "bigint": "sa.BigInteger()",
    "integer": "sa.Integer()",
    "smallint": "sa.SmallInteger()",
    "uuid": "sa.Uuid()",
    "text": "sa.Text()",
    "numeric": "sa.Numeric()",
    "boolean": "sa.Boolean()",
    "date": "sa.Date()",
    "timestamp with time zone": "sa.DateTime(timezone=True)",
    "timestamp without time zone": "sa.DateTime()",
    "jsonb": "postgresql.JSONB()",
}


def sqlalchemy(data_type: DataType) -> str | None:
    """The type as code with the usual imports, None where SQLAlchemy has no plain word for it.

    Source: SQLAlchemy docs, "The Type Hierarchy", as PostgreSQL's dialect writes them.
    """
    if data_type.array or data_type.domain or data_type.precision is not None:
        exact = data_type.base == "numeric" and not data_type.array and not data_type.domain
        return f"sa.Numeric({data_type.precision}, {data_type.scale or 0})" if exact else None
    if data_type.base == "character varying":
        return f"sa.String({data_type.length})" if data_type.length else "sa.String()"
    return _SQLALCHEMY.get(data_type.base)
