"""Catalogue differences in words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.facts import Difference
from bot.wording import code, prose

MOST = 30  # a list beyond this is not read; the JSON report has all
LONGEST = 400  # characters of one definition


def listed(
    differences: Sequence[Difference], added: str, removed: str, times: tuple[str, str]
) -> str:
    """One line an object: its kind and name, and its definition at either time.

    ``added`` and ``removed`` are what to say of one that is there at one time only ("new", "left
    behind", "gone"); ``times`` are the words for both times of one that differs ("was", "is").
    """
    lines = [f"- {_told(item, added, removed, times)}" for item in differences[:MOST]]
    if len(differences) > MOST:
        lines.append(f"- and {len(differences) - MOST} more")
    return "\n".join(lines)


def _told(item: Difference, added: str, removed: str, times: tuple[str, str]) -> str:
    what = f"{prose(item.kind)} {code(item.name)}"
    if item.attribute:
        what = f"{prose(item.attribute)} of {what}"
    first, second = times
    if item.attribute:
        return f"{what}: {first} {_value(item.before)}, {second} {_value(item.after)}"
    if item.before is None:
        return f"{what}, {added}: {code(item.after or '', LONGEST)}"
    if item.after is None:
        return f"{what}, {removed}: {code(item.before, LONGEST)}"
    return f"{what}: {first} {_value(item.before)}, {second} {_value(item.after)}"


def _value(text: str | None) -> str:
    return code(text, LONGEST) if text else "nothing"


def tables(differences: Sequence[Difference]) -> tuple[str, ...]:
    """The tables concerned, each once, in order."""
    found = (item.table or (item.name if item.kind == "table" else None) for item in differences)
    return tuple(dict.fromkeys(name for name in found if name))


def labels(differences: Sequence[Difference], most: int = 2) -> str:
    """The first objects' kind and name, for a title; the rest counted."""
    shown = ", ".join(f"{prose(item.kind)} {code(item.name)}" for item in differences[:most])
    return f"{shown} and {len(differences) - most} more" if len(differences) > most else shown
