"""Dates, times and intervals within a column's rule. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from bot.facts.data_types import DataType
from bot.observe.rows.rule import ANYTHING, Rule

_START = datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
_PARTS = 1000  # different values of a column that is bounded on both sides
_DIGITS = 6  # of a second's fraction
_STAMPS = ("timestamp without time zone", "timestamp with time zone")
TIMES = frozenset({*_STAMPS, "date", "time without time zone", "time with time zone", "interval"})


def moment(kind: DataType, rule: Rule, number: int, rank: int) -> str:
    """The value of that row; columns of a higher rank get later ones."""
    if rule.low is None and rule.high is None:
        return _free(kind.base, kind.precision, number, rank)
    return _made(kind, rule, number, rank)


@lru_cache(maxsize=8192)
def _free(base: str, precision: int | None, number: int, rank: int) -> str:
    """The same of every column without bounds: creation times are everywhere."""
    return _made(DataType(base, base, precision=precision), ANYTHING, number, rank)


def _made(kind: DataType, rule: Rule, number: int, rank: int) -> str:
    if kind.base == "interval":
        return f"{number + 1} days 02:03:{rank % 60:02d}.5"
    if kind.base.startswith("time "):
        clock = time((number // 60) % 23, number % 60, rank % 60)
        return f"{clock.isoformat()}{'+00' if kind.base == 'time with time zone' else ''}"
    step = timedelta(days=1) if kind.base == "date" else timedelta(hours=1)
    offset = timedelta(days=rank) if kind.base == "date" else timedelta(minutes=rank)
    found = _within(_START + number * step + offset, rule, number * step + offset, step)
    if kind.base == "date":
        return found.date().isoformat()
    digits = _DIGITS if kind.precision is None else kind.precision
    text = found.replace(tzinfo=None).isoformat(" ", "microseconds")
    text = text[: len(text) - _DIGITS + digits] if digits else text[: -_DIGITS - 1]
    return text + ("+00" if kind.base == "timestamp with time zone" else "")


def extremes(kind: DataType) -> tuple[str, ...]:
    """Dates of long ago and of a time to come, within what Python can read."""
    match kind.base:
        case "interval":
            return ("00:00:00", "-1 days", "100 years")
        case "date":
            return ("0100-01-01", "1900-02-28", "2000-02-29", "9999-12-30")
        case "time without time zone" | "time with time zone":
            return ("00:00:00", "23:59:59.999999")
        case _:
            return ("0100-01-01 00:00:00", "1969-12-31 23:59:59", "9999-12-30 00:00:00")


def _within(value: datetime, rule: Rule, offset: timedelta, step: timedelta) -> datetime:
    low, high = _read(rule.low), _read(rule.high)
    unit = step if step >= timedelta(days=1) else timedelta(microseconds=1)
    if low is not None and rule.low is not None and not rule.low[1]:
        low += unit
    if high is not None and rule.high is not None and not rule.high[1]:
        high -= unit
    if (low is None or low <= value) and (high is None or value <= high):
        return value
    if low is not None and high is not None:
        return low + (high - low) * (int(offset / step) % _PARTS) / _PARTS
    if low is not None:
        return low + offset
    return (high or value) - _PARTS * step + offset % (_PARTS * step)


def _read(bound: tuple[str, bool] | None) -> datetime | None:
    if bound is None or not re.match(r"\d{4}-\d\d-\d\d", bound[0]):
        return None
    try:
        found = datetime.fromisoformat(bound[0])
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
