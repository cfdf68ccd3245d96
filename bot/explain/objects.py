"""Catalogue differences in words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.facts import Difference
from bot.wording import code, prose

MOST = 30  # a list beyond this is not read; the JSON report has all


def listed(differences: Sequence[Difference], first: str, second: str) -> str:
    """One line an object: its kind, name, and what it is at either time.

    ``first`` and ``second`` say when ``before`` and ``after`` were seen ("before", "now").
    """
    lines = [f"- {_told(item, first, second)}" for item in differences[:MOST]]
    if len(differences) > MOST:
        lines.append(f"- and {len(differences) - MOST} more")
    return "\n".join(lines)


def _told(item: Difference, first: str, second: str) -> str:
    what = f"{prose(item.kind)} {code(item.name)}"
    if item.attribute:
        what = f"{prose(item.attribute)} of {what}"
    if item.before is None and item.after is not None:
        return f"{what}: {second} {code(item.after)}"
    if item.after is None and item.before is not None:
        return f"{what}: {first} {code(item.before)}, {second} gone"
    return f"{what}: {first} {_value(item.before)}, {second} {_value(item.after)}"


def _value(text: str | None) -> str:
    return code(text) if text else "nothing"


def tables(differences: Sequence[Difference]) -> tuple[str, ...]:
    """The tables concerned, each once, in order."""
    found = (item.table or (item.name if item.kind == "table" else None) for item in differences)
    return tuple(dict.fromkeys(name for name in found if name))


def labels(differences: Sequence[Difference], most: int = 2) -> str:
    """The first objects' kind and name, for a title; the rest counted."""
    shown = ", ".join(f"{prose(item.kind)} {code(item.name)}" for item in differences[:most])
    return f"{shown} and {len(differences) - most} more" if len(differences) > most else shown
