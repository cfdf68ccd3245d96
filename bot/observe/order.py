"""In which order revisions of a graph run, and which version rows they must leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from bot.facts import Chain, Revision


class Unordered(Exception):
    """The graph has a cycle or names a revision that is not there; the message says which."""


def parents(revision: Revision) -> tuple[str, ...]:
    """What must have run before: the parents and, per Alembic, the dependencies."""
    return (*revision.down_revision, *revision.depends_on)


def resolve(chain: Chain, name: str) -> str | None:
    """The full id for a name in ``depends_on`` or ``down_revision``: an id, its prefix or a label.

    Alembic accepts all three (https://alembic.sqlalchemy.org/en/latest/branches.html). A label
    means the latest revision that carries it, which is the last one in its branch.
    """
    if chain.get(name):
        return name
    prefixed = [item.revision for item in chain.revisions if item.revision.startswith(name)]
    if len(prefixed) == 1:
        return prefixed[0]
    labelled = [item for item in chain.revisions if name.partition("@")[0] in item.branch_labels]
    return labelled[0].revision if labelled else None


def in_order(chain: Chain, wanted: Iterable[str]) -> tuple[Revision, ...]:
    """The wanted revisions, each after everything it needs; ties keep the order of the chain.

    Raises:
        Unordered: a cycle, an unknown parent, or two files that claim one id.
    """
    by_id: dict[str, Revision] = {}
    for item in chain.revisions:
        if item.revision in by_id:
            raise Unordered(f"two files claim the revision id {item.revision}")
        by_id[item.revision] = item

    sorter: TopologicalSorter[str] = TopologicalSorter()
    for item in chain.revisions:
        needs = [(name, name if name in by_id else resolve(chain, name)) for name in parents(item)]
        missing = [name for name, found in needs if found is None]
        if missing:
            raise Unordered(f"{item.revision} names {missing[0]}, which is not in the tree")
        sorter.add(item.revision, *[found for _, found in needs if found])
    try:
        order = list(sorter.static_order())
    except CycleError as error:
        raise Unordered(f"the revisions form a cycle: {' -> '.join(error.args[1])}") from None
    chosen = set(wanted)
    return tuple(by_id[name] for name in order if name in chosen)


def stamped_after_upgrade(before: Sequence[str], revision: Revision) -> tuple[str, ...]:
    """The version rows that must stand after this revision ran on top of ``before``."""
    return tuple(sorted((set(before) - set(revision.down_revision)) | {revision.revision}))


def descendants(chain: Chain, revision: str) -> frozenset[str]:
    """Every revision that cannot run unless ``revision`` ran, itself included."""
    found = {revision}
    grew = True
    while grew:
        more = {
            item.revision
            for item in chain.revisions
            if item.revision not in found and any(name in found for name in parents(item))
        }
        found |= more
        grew = bool(more)
    return frozenset(found)
