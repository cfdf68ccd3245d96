"""Many findings of one kind about one thing in one revision become one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.policy import Remedy
from bot.verdict import Judged

MOST = 3
"""So many alike findings stand for themselves; more are one."""

_NAMED = 60  # lines that a message names


def gathered(findings: Sequence[Judged]) -> Iterator[Judged]:
    """The findings in their order, more than ``MOST`` alike ones as the first of them.

    Alike are those of one policy with one subject, title and weight in one file: forty statements
    that each change all rows of one table, say. Only those that count are gathered: a waiver takes
    its own out, and what base has already is no part of the change. The one that stays counts them
    all and names the other lines.
    """
    groups: dict[object, list[Judged]] = {}
    for item in findings:
        groups.setdefault(_kind(item), []).append(item)
    for item in findings:
        alike = groups[_kind(item)]
        if len(alike) <= MOST or not item.counts:
            yield item
        elif item is alike[0]:
            yield _one(alike)


def _kind(item: Judged) -> object:
    return (
        item.policy,
        item.project,
        item.revision,
        item.thing,
        item.title,
        item.path,
        item.tables,
        item.column,
        item.severity,
        item.confidence,
        item.counts,
    )


def _one(alike: Sequence[Judged]) -> Judged:
    first, *others = alike
    lines = sorted({item.line for item in others} - {first.line})
    where = f"on {len(lines)} further {'lines' if len(lines) > 1 else 'line'} of this file"
    more = f"It is the same {where}: {_listed(lines)}." if lines else ""
    return replace(
        first,
        message="\n\n".join(part for part in (first.message, more) if part),
        count=sum(item.count for item in alike),
        remedies=tuple(_for_all(remedy, others) for remedy in first.remedies),
    )


def _for_all(remedy: Remedy, others: Sequence[Judged]) -> Remedy:
    """The remedy, its patch only where it is that of all of them."""
    alone = any(remedy.patch not in [each.patch for each in item.remedies] for item in others)
    return replace(remedy, patch=None) if alone else remedy


def _listed(lines: Sequence[int]) -> str:
    named = [str(line) for line in lines[:_NAMED]]
    if len(lines) > _NAMED:
        named.append(f"{len(lines) - _NAMED} more")
    *first, last = named
    return f"{', '.join(first)} and {last}" if first else last
