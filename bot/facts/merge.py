"""Facts of several runs on one change (a matrix of projects or servers) as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.facts import Facts
from bot.facts.serial import BadFacts


def merged(parts: Sequence[Facts]) -> Facts:
    """One value with the projects and gaps of all; the rest is the first one's.

    Raises:
        BadFacts: they are of different commits.
    """
    first, *others = parts
    for part in others:
        if (part.base, part.head, part.merge) != (first.base, first.head, first.merge):
            raise BadFacts(
                f"facts of different changes: {first.head[:12]} on {first.base[:12]}"
                f" and {part.head[:12]} on {part.base[:12]}"
            )
    seen = [part for part in parts if part.nothing is None]
    return replace(
        first,
        nothing=None if seen else first.nothing,
        postgres=next((part.postgres for part in parts if part.postgres), None),
        sandbox=next((part.sandbox for part in parts if part.sandbox != "full"), "full"),
        projects=tuple(project for part in parts for project in part.projects),
        sources=tuple({item.path: item for part in parts for item in part.sources}.values()),
        not_checked=tuple(dict.fromkeys(item for part in parts for item in part.not_checked)),
    )
