"""Estimated times in words: about how long a statement takes on the reader's own rows."""

from __future__ import annotations

from collections.abc import Iterable

from bot.explain.statements.estimates import Estimate, estimates_of
from bot.explain.statements.ran import Ran
from bot.facts import Direction

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_ROWS = ((10**9, "billion"), (10**6, "million"))
_WHOLE = 10  # from here on nobody asks for a decimal


def estimates(ran: Ran) -> tuple[Estimate, ...]:
    """Those of the statement, table by table; empty where nothing was measured."""
    if not ran.project.measured:
        return ()
    direction, trip = ran.statement.direction, ran.revision.round_trip
    step = trip.upgrade if direction is Direction.UPGRADE else trip.downgrade
    place = next((at for at, each in enumerate(step.statements) if each is ran.statement), None)
    if place is None:
        return ()
    return estimates_of(ran.project, ran.revision.revision, place, direction)


def longest(of: Iterable[Ran]) -> Estimate | None:
    """The longest that any of the statements has."""
    found = (estimate for each in of for estimate in estimates(each))
    return max(found, key=lambda item: item.seconds, default=None)


def spoken(estimate: Estimate) -> str:
    """``about 40 s (20-80 s) on your 12 million rows``, with a proper dash."""
    about = f"about {span(estimate.seconds)} ({spans(estimate.low, estimate.high)})"
    return f"{about} on your {counted(estimate.rows)} rows"


def span(seconds: float) -> str:
    """A time in the unit that suits it: ``0.3 s``, ``40 s``, ``3 min``, ``2.5 h``, ``4 days``."""
    number, unit = _scaled(seconds)
    return f"{number} {unit}"


def spans(low: float, high: float) -> str:
    """A range; its unit stands once where it is the same at both ends."""
    (least, unit), (most, other) = _scaled(low), _scaled(high)
    return (
        f"{least}\u2013{most} {other}" if unit == other else f"{least} {unit}\u2013{most} {other}"
    )


def counted(rows: int) -> str:
    """A number of rows as one says it: ``12 million``, ``45,000``."""
    for size, word in _ROWS:
        if rows >= size:
            return f"{_short(rows / size)} {word}"
    return f"{rows:,}"


def roughly(number: float) -> str:
    """A number with its first two digits: ``110,000``."""
    return _short(number)


def _scaled(seconds: float) -> tuple[str, str]:
    if seconds < 2 * _MINUTE:
        return _short(seconds), "s"
    if seconds < 2 * _HOUR:
        return _short(seconds / _MINUTE), "min"
    if seconds < 2 * _DAY:
        return _short(seconds / _HOUR), "h"
    return _short(seconds / _DAY), "days"


def _short(number: float) -> str:
    if number < 1:
        return f"{number:.1g}"
    if number < _WHOLE:
        return f"{number:.1f}".removesuffix(".0")
    places = len(str(int(number))) - 2
    return f"{round(number, -places):,.0f}"
