"""What is wrong with a revision graph."""

from __future__ import annotations

import graphlib
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.observe.probe.graph import graph_error


def revision(
    name: str,
    *parents: str,
    depends_on: tuple[str, ...] = (),
    labels: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A revision as the protocol lists it."""
    return {
        "revision": name,
        "down_revision": list(parents),
        "depends_on": list(depends_on),
        "branch_labels": list(labels),
    }


def complaint(message: str) -> dict[str, Any]:
    """What Alembic says of a graph that it cannot order."""
    return {"kind": "other", "message": message, "revisions": []}


def test_nothing_wrong() -> None:
    """A chain, a branch and a label that something depends on are all well."""
    described = [
        revision("a", labels=("core",)),
        revision("b", "a"),
        revision("c", "a", depends_on=("core@head",)),
    ]
    assert graph_error(described, None) is None


def test_missing() -> None:
    """A parent or a dependency that no file has is named, whatever Alembic's words were."""
    described = [revision("a", "gone"), revision("b", "a", depends_on=("lost",))]
    found = graph_error(described, complaint("KeyError"))
    assert found == {
        "kind": "missing",
        "message": "no file has the revision gone, lost",
        "revisions": ["gone", "lost"],
    }


@pytest.mark.parametrize("prefix", ["abc", "core@abc"])
def test_abbreviated_dependency(prefix: str) -> None:
    """Alembic resolves the beginning of an identifier: it is not missing."""
    described = [revision("abcdef"), revision("b", depends_on=(prefix,))]
    assert graph_error(described, complaint("words")) == complaint("words")


def test_duplicate() -> None:
    """Files that claim one identifier are told though Alembic itself takes the last one."""
    found = graph_error([revision("a"), revision("b", "a"), revision("a")], None)
    assert found == {
        "kind": "duplicate",
        "message": "several files have the revision a",
        "revisions": ["a"],
    }


def test_cycle() -> None:
    """Those of the cycle are named, not the chain that leads to it or away from it."""
    described = [
        revision("before"),
        revision("x", "before", "z"),
        revision("y", "x"),
        revision("z", "y"),
        revision("after", "z"),
    ]
    found = graph_error(described, complaint("Cycle is detected in revisions"))
    assert found is not None
    assert (found["kind"], found["revisions"]) == ("cycle", ["x", "y", "z"])


IDS = st.sampled_from("abcdefgh")
GRAPHS = st.dictionaries(IDS, st.tuples(st.sets(IDS, max_size=2), st.sets(IDS, max_size=1)))


@settings(max_examples=60)
@given(GRAPHS)
def test_every_cycle_is_named(graph: dict[str, tuple[set[str], set[str]]]) -> None:
    """A graph with a cycle has it among the names, each with a parent and a child there."""
    parents = {name: (down | depends) & set(graph) for name, (down, depends) in graph.items()}
    assume(all(down | depends <= set(graph) for down, depends in graph.values()))
    described = [
        revision(name, *down, depends_on=tuple(depends)) for name, (down, depends) in graph.items()
    ]
    try:
        list(graphlib.TopologicalSorter(parents).static_order())
        cycle: set[str] = set()
    except graphlib.CycleError as error:
        cycle = set(error.args[1])
    found = graph_error(described, complaint("revisions form a loop"))
    assert found is not None
    named = set(found["revisions"])
    assert cycle <= named
    assert bool(cycle) == bool(named)
    for name in named:
        assert parents[name] & named
        assert any(name in parents[other] for other in named)
