"""In which order revisions run, and what the version table must hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Chain, Revision
from bot.observe.order import (
    Unordered,
    descendants,
    in_order,
    parents,
    resolve,
    stamped_after_upgrade,
)


def made(name: str, *down: str, needs: tuple[str, ...] = (), label: str = "") -> Revision:
    """A revision with its parents."""
    labels = (label,) if label else ()
    return Revision(name, f"v/{name}.py", down, needs, labels)


FORK = Chain(
    (made("a"), made("b", "a", label="left"), made("c", "a", needs=("b",)), made("m", "b", "c"))
)


def test_parents_and_dependencies_come_first() -> None:
    """A dependency orders as a parent does."""
    assert [item.revision for item in in_order(FORK, {"m", "c", "b"})] == ["b", "c", "m"]


@given(st.data())
def test_any_order_of_files_gives_an_order_that_runs(data: st.DataObject) -> None:
    """Whatever the files are called, nothing runs before what it needs."""
    count = data.draw(st.integers(1, 12))
    made_so_far = [
        made(f"r{number}", *data.draw(st.sets(st.sampled_from([f"r{n}" for n in range(number)]))))
        if number
        else made("r0")
        for number in range(count)
    ]
    chain = Chain(tuple(data.draw(st.permutations(made_so_far))))
    seen: set[str] = set()
    for item in in_order(chain, {revision.revision for revision in made_so_far}):
        assert set(parents(item)) <= seen
        seen.add(item.revision)
    assert len(seen) == count


@pytest.mark.parametrize(
    ("chain", "told"),
    [
        (Chain((made("a", "b"), made("b", "a"))), "cycle"),
        (Chain((made("b", "a"),)), "b names a"),
        (Chain((made("a"), made("a"))), "two files claim"),
    ],
)
def test_a_graph_without_an_order_is_told(chain: Chain, told: str) -> None:
    """The message names what is wrong with it."""
    with pytest.raises(Unordered, match=told):
        in_order(chain, {"a", "b"})


def test_names_are_ids_prefixes_or_labels() -> None:
    """As Alembic accepts them; an ambiguous prefix is none."""
    chain = Chain((made("abc1"), made("abd2", "abc1", label="side")))
    assert resolve(chain, "abc1") == "abc1"
    assert resolve(chain, "abd") == "abd2"
    assert resolve(chain, "side") == "abd2"
    assert resolve(chain, "side@head") == "abd2"
    assert resolve(chain, "ab") is None


def test_version_rows_after_an_upgrade() -> None:
    """The parents' rows give way to the revision's own; those of other branches stay."""
    assert stamped_after_upgrade(("b", "c", "z"), made("m", "b", "c")) == ("m", "z")
    assert stamped_after_upgrade((), made("a")) == ("a",)


def test_what_a_failure_takes_along() -> None:
    """Everything above it, through dependencies too."""
    assert descendants(FORK, "b") == {"b", "c", "m"}
    assert descendants(FORK, "m") == {"m"}
