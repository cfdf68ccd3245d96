"""Values of composed types and rows of COPY, as PostgreSQL reads them. Pure.

Source: PostgreSQL docs, "Arrays", "Composite Types", "Range Types", "COPY" (text format).
"""

from __future__ import annotations

from collections.abc import Iterable

_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def array(items: Iterable[str | None]) -> str:
    """``{…}`` of these elements."""
    return f"{{{','.join('NULL' if item is None else _quoted(item) for item in items)}}}"


def composite(items: Iterable[str | None]) -> str:
    """``(…)`` of these attributes."""
    return f"({','.join('' if item is None else _quoted(item) for item in items)})"


def span(low: str | None, high: str | None) -> str:
    """A range from ``low`` on up to before ``high``; None is no end."""
    return f"[{_bound(low)},{_bound(high)})"


def copied(row: Iterable[str | None]) -> str:
    """One line of COPY … FROM STDIN."""
    return "\t".join("\\N" if item is None else item.translate(_ESCAPED) for item in row) + "\n"


def _bound(item: str | None) -> str:
    return "" if item is None else _quoted(item)


def _quoted(item: str) -> str:
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
