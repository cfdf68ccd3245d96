"""Numbers within a column's rule. Pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from bot.facts.data_types import DataType
from bot.observe.rows.rule import Rule

_INTEGERS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63, "oid": 2**32}
_PARTS = 1000  # different values of a column that is bounded on both sides
_DIGITS = 3  # after the point, where the type sets no scale
NUMBERS = frozenset({*_INTEGERS, "numeric", "real", "double precision", "money"})


def number(kind: DataType, rule: Rule, ordinal: int) -> str:
    """The number of that place: greater ones for greater places, as far as the rule leaves room."""
    if kind.base in _INTEGERS:
        low, high = _whole(rule.low, 1), _whole(rule.high, -1)
        return str(_within(Decimal(1 + ordinal), low, high, ordinal, Decimal(1)))
    scale = {"numeric": kind.scale, "money": 2}.get(kind.base)
    scale = _DIGITS if scale is None else max(scale, 0)
    unit = Decimal(1).scaleb(-scale)
    value = 1 + ordinal + (unit * (1 + ordinal * 7 % 10**scale) if scale else Decimal(0))
    if kind.precision is not None and kind.base == "numeric":
        value %= Decimal(1).scaleb(kind.precision - scale)
    low, high = _bound(rule.low, unit), _bound(rule.high, -unit)
    return str(_within(value, low, high, ordinal, unit))


def extremes(kind: DataType) -> tuple[str, ...]:
    """Nought, less than nought, and the ends of the type."""
    if kind.base == "oid":
        return ("0",)
    most = _INTEGERS.get(kind.base)
    if most:
        return ("0", "-1", str(most - 1), str(-most))
    if kind.base == "numeric" and kind.precision is not None:
        scale = kind.scale or 0
        ends = Decimal(10**kind.precision - 1).scaleb(-scale)
        return ("0", str(-1 if kind.precision > scale else 0), f"{ends:f}", f"{-ends:f}")
    return ("0", "-1", "-0.5", "123456789.125" if kind.base != "real" else "1234.5")


def _within(
    value: Decimal, low: Decimal | None, high: Decimal | None, ordinal: int, unit: Decimal
) -> Decimal:
    if (low is None or low <= value) and (high is None or value <= high):
        return value
    if low is not None and high is not None:
        step = ((high - low) / _PARTS).quantize(unit) if high > low else Decimal(0)
        step = max(step, unit)
        count = int((high - low) / step) + 1
        return low + step * (ordinal % max(count, 1))
    if low is not None:
        return low + unit.max(Decimal(1)) * ordinal
    assert high is not None  # noqa: S101 - one of both bounds was broken
    return high - _PARTS + ordinal % _PARTS


def _whole(bound: tuple[str, bool] | None, inward: int) -> Decimal | None:
    """The outermost whole number that the bound allows."""
    found = _bound(bound, Decimal(0))
    if found is None or bound is None:
        return None
    rounded = found.to_integral_value("ROUND_CEILING" if inward > 0 else "ROUND_FLOOR")
    return rounded + inward if rounded == found and not bound[1] else rounded


def _bound(bound: tuple[str, bool] | None, inward: Decimal) -> Decimal | None:
    if bound is None:
        return None
    try:
        value = Decimal(bound[0])
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    return value if bound[1] else value + inward
