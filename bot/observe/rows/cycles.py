"""Tables in the order in which they can be filled. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def in_order(
    names: Iterable[str], needs: Mapping[str, Collection[str]]
) -> tuple[tuple[str, ...], ...]:
    """Groups of names, each after those that it needs; the names of one group need each other.

    Tarjan's algorithm, which yields strongly connected components in that very order.
    """
    found: list[tuple[str, ...]] = []
    places: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    known = list(names)
    for start in known:
        if start in places:
            continue
        work: list[tuple[str, list[str]]] = []
        _enter(start, needs, places, lowest, waiting, work)
        while work:
            name, rest = work[-1]
            if rest:
                following = rest.pop()
                if following not in places:
                    _enter(following, needs, places, lowest, waiting, work)
                elif following in waiting:
                    lowest[name] = min(lowest[name], places[following])
                continue
            work.pop()
            if work:
                above = work[-1][0]
                lowest[above] = min(lowest[above], lowest[name])
            if lowest[name] == places[name]:
                group = waiting[waiting.index(name) :]
                del waiting[waiting.index(name) :]
                found.append(tuple(sorted(group, key=known.index)))
    return tuple(found)


def _enter(
    name: str,
    needs: Mapping[str, Collection[str]],
    places: dict[str, int],
    lowest: dict[str, int],
    waiting: list[str],
    work: list[tuple[str, list[str]]],
) -> None:
    places[name] = lowest[name] = len(places)
    waiting.append(name)
    work.append((name, sorted(needs.get(name, ()), reverse=True)))
