"""Whether two values mean the same, though their column's type may have changed. Pure."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d(?::?\d\d)?)?)?")
_TRUTH = {"t": "true", "f": "false"}


def alike(one: str | None, other: str | None) -> bool:
    """Whether both say the same in PostgreSQL's output: ``1.50`` and ``1.5``, a time in UTC, …."""
    if one == other:
        return True
    if one is None or other is None:
        return False
    return _plain(one) == _plain(other)


def is_after(value: str | None, moment: datetime) -> bool:
    """Whether it is a time that is later than the moment: something set it to the time of day."""
    if value is None or not _MOMENT.fullmatch(value) or len(value) == len("2024-01-01"):
        return False
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return False
    return (found if found.tzinfo else found.replace(tzinfo=UTC)) >= moment


def _plain(text: str) -> object:
    text = text.rstrip(" ")
    try:
        return Decimal(text)
    except InvalidOperation:
        pass
    if _MOMENT.fullmatch(text):
        return text.removesuffix("+00").removesuffix(" 00:00:00")
    if text[:1] in "{[":
        try:
            return json.dumps(json.loads(text), sort_keys=True)
        except (ValueError, RecursionError):
            return text
    return _TRUTH.get(text, text)
