"""Facts of a matrix are one value; facts of different changes are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import Facts, NotChecked, Postgres, Project
from bot.facts.merge import merged
from bot.facts.serial import BadFacts, from_json, to_json

FIRST = Facts(base="b" * 40, head="h" * 40, merge="m" * 40, projects=(Project("a.ini", "a"),))
GAP = NotChecked("drift", "why", "do")


def test_projects_and_gaps_are_joined() -> None:
    """Each cell of a matrix brings its own projects; an equal gap is told once."""
    second = replace(
        FIRST,
        projects=(Project("b.ini", "b"),),
        postgres=Postgres("17.1", "service"),
        not_checked=(GAP,),
        sandbox="reduced: own user",
    )
    whole = merged([replace(FIRST, not_checked=(GAP,)), second])
    assert [item.config for item in whole.projects] == ["a.ini", "b.ini"]
    assert whole.not_checked == (GAP,)
    assert whole.postgres == Postgres("17.1", "service")
    assert whole.sandbox == "reduced: own user"


def test_nothing_to_check_is_only_said_when_all_say_so() -> None:
    """One cell that checked something makes the whole a check."""
    idle = replace(FIRST, projects=(), nothing="Nothing to check: no file changed.")
    assert merged([idle, idle]).nothing == idle.nothing
    assert merged([idle, FIRST]).nothing is None


def test_facts_of_another_change_are_refused() -> None:
    """They would be judged as if they were of this one."""
    with pytest.raises(BadFacts, match="different changes"):
        merged([FIRST, replace(FIRST, head="x" * 40)])


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b'{"base":"a","head":1}', b"\xff"])
def test_what_is_no_facts_file_is_refused(data: bytes) -> None:
    """Whatever the bytes are, the error is the documented one."""
    with pytest.raises(BadFacts):
        from_json(data)


def test_another_version_is_refused() -> None:
    """A later format may mean other things by the same words."""
    with pytest.raises(BadFacts, match="facts_version 2"):
        from_json(to_json(replace(FIRST, facts_version=2)))
