"""Walks over a revision graph, however broken it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.facts import Chain, Project, Revision, Unloadable


def parents(chain: Chain) -> dict[str, tuple[str, ...]]:
    """What each revision id names as ``down_revision``; files with one id are taken together."""
    found: dict[str, tuple[str, ...]] = {}
    for item in chain.revisions:
        found[item.revision] = found.get(item.revision, ()) + item.down_revision
    return found


def lineage(revision: str, down: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The revision and all that it descends from, ids that are not in the tree included."""
    seen: set[str] = set()
    waiting = [revision]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(down.get(current, ()))
    return frozenset(seen)


def names(chain: Chain) -> frozenset[str]:
    """Everything that a ``down_revision`` or ``depends_on`` may name: ids and branch labels."""
    labels = (label for item in chain.revisions for label in item.branch_labels)
    return frozenset({item.revision for item in chain.revisions}.union(labels))


def cycles(chain: Chain) -> Iterator[tuple[Revision, ...]]:
    """Groups of revisions that no order can satisfy, each in the order of the chain.

    What has no parent left is taken away, again and again, then likewise what has no child:
    the rest goes round in circles. Circles that are joined make one group.
    """
    files = {item.revision: item for item in chain.revisions}
    down = {
        item.revision: {name for name in item.down_revision + item.depends_on if name in files}
        for item in chain.revisions
    }
    up: dict[str, set[str]] = {name: set() for name in down}
    for name, below in down.items():
        for parent in below:
            up[parent].add(name)
    left = _circling(_circling(set(down), down, up), up, down)
    while left:
        group: set[str] = set()
        waiting = [next(name for name in down if name in left)]
        while waiting:
            name = waiting.pop()
            if name not in group:
                group.add(name)
                waiting.extend((down[name] | up[name]) & left)
        left -= group
        yield tuple(item for name, item in files.items() if name in group)


def follows_itself(item: Unloadable) -> bool:
    """Whether the file's own id is among its parents, which is why Alembic does not load it."""
    return item.revision in item.down_revision


def _circling(
    names: set[str], before: Mapping[str, set[str]], after: Mapping[str, set[str]]
) -> set[str]:
    """Those of the names that remain when whatever has nothing before it is taken away."""
    count = {name: len(before[name] & names) for name in names}
    free = [name for name, number in count.items() if not number]
    for name in free:
        for following in after[name] & names:
            count[following] -= 1
            if not count[following]:
                free.append(following)
    return names.difference(free)


def heads_by_label(chain: Chain) -> dict[frozenset[str], list[Revision]]:
    """The heads that share their branch labels, in the order of the chain.

    A label belongs to all that descends from the revision that declares it. A head whose lineage
    leads out of the tree or round in circles is left out: it is the consequence of another fault.
    """
    down = parents(chain)
    label_of = {item.revision: frozenset(item.branch_labels) for item in chain.revisions}
    bad = {item.revision for group in cycles(chain) for item in group}
    found: dict[frozenset[str], list[Revision]] = {}
    below = {name for item in chain.unloadable for name in item.down_revision}
    heads = set(chain.heads) - below  # what an unloadable file follows only looks like a head
    files = {item.revision: item for item in chain.revisions if item.revision in heads}
    for head in files.values():
        line = lineage(head.revision, down)
        if line <= label_of.keys() and not line & bad:
            own = frozenset[str]().union(*(label_of[name] for name in line))
            found.setdefault(own, []).append(head)
    return found


def unloaded_ids(project: Project) -> set[str]:
    """The ids that head's unloadable files claim, as far as base or the syntax tree tells."""
    paths = {item.path for item in project.head.unloadable}
    own = {item.revision for item in project.revisions if item.path in paths}
    own |= {item.revision for item in project.head.unloadable if item.revision}
    return own | {item.revision for item in project.base.revisions if item.path in paths}
