"""Files that Alembic cannot load or does not look at: what the policies say of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Change,
    ChangedFile,
    Source,
    Unloadable,
)
from tests.unit.policies.cases import (
    added,
    chain,
    facts,
    found,
    only,
    path,
    revision,
)


def test_child_of_an_unloadable_file_has_a_parent() -> None:
    """One broken file is one finding, not one for each revision above it."""
    head = replace(
        chain(revision("a"), revision("c", "b")),
        unloadable=(Unloadable(path("b"), 3, "SyntaxError: invalid syntax"),),
    )
    base = chain(revision("a"), revision("b", "a"))
    seen = facts(base, head, added("c", "b"))
    assert only(seen, "unloadable-revision-file") == ["Alembic cannot load `b.py`"]


def test_unloadable_for_want_of_a_package_is_no_finding() -> None:
    """It is told as not checked; nor is what follows it an orphan, nor what it follows a head."""
    absent = Unloadable(path("b"), 1, "No module named 'arrow'", "b", ("a",), missing="arrow")
    head = replace(
        chain(revision("a"), revision("c", "b"), revision("x", "a")), unloadable=(absent,)
    )
    assert found(facts(head, head, added("c", "b"))) == {}


def test_what_counts_on_env_py_is_no_finding_where_packages_are_missing() -> None:
    """Base's file needs an application that nobody could make here; head's own error is told."""
    absent = Unloadable(path("b"), 1, "No module named 'arrow'", "b", ("a",), missing="arrow")
    outside = Unloadable(path("c"), 4, "Working outside of application context", "c", ("b",))
    broken = Unloadable(path("d"), 1, "SyntaxError: invalid syntax", "d", ("c",))
    base = replace(chain(revision("a")), unloadable=(absent, outside))
    head = replace(chain(revision("a")), unloadable=(absent, outside, broken))
    assert only(facts(base, head, added("d", "c")), "unloadable-revision-file") == [
        "Alembic cannot load `d.py`"
    ]
    alone = replace(base, unloadable=(outside,))
    assert only(facts(alone, alone, added("d", "c")), "unloadable-revision-file") == [
        "Alembic cannot load `c.py`"
    ]


def test_parent_of_an_unloadable_file_is_no_head() -> None:
    """The file's own head cannot be seen, and the finding about it is enough."""
    broken = Unloadable(path("c"), 1, "SyntaxError: invalid syntax", "c", ("b",))
    head = chain(revision("a"), revision("b", "a"), revision("x", "a"))
    head = replace(head, heads=("b", "x"), unloadable=(broken,))
    base = chain(revision("a"), revision("b", "a"), revision("c", "b"))
    assert only(facts(base, head, added("x", "a")), "unloadable-revision-file")


@pytest.mark.parametrize(
    ("name", "text", "reported"),
    [
        ("archive/0007_old.py", 'revision = "7"\n', True),
        ("archive/naming.py", 'PREFIX = "x"\n', False),
        ("archive/__init__.py", "", False),
        ("archive/0007_old.py", None, True),
        ("archive/naming.py", None, False),
        (".#0007_old.py", None, True),
    ],
)
def test_unloaded_file_is_one_that_looks_like_a_revision(
    name: str, text: str | None, *, reported: bool
) -> None:
    """A package beside the revisions may hold any other Python file."""
    file = f"migrations/versions/{name}"
    head = replace(chain(revision("a")), unloaded=(file,))
    seen = replace(
        facts(None, head),
        files=(ChangedFile(file, Change.ADDED),),
        sources=(Source(file, text, None),) if text is not None else (),
    )
    assert bool(found(seen)) is reported


def test_unloadable_file_that_follows_itself_is_a_circle() -> None:
    """Alembic refuses to load it; what is wrong is its parent, and the line says so."""
    bad = Unloadable(path("b"), 9, "LoopDetected: …", "b", ("b",))
    head = replace(chain(revision("a")), unloadable=(bad,))
    said = found(facts(None, head), "chain")
    assert set(said) == {"revision-cycle"}
    assert said["revision-cycle"][0].line == 9
    assert 'down_revision = "a"' in said["revision-cycle"][0].remedies[0].text
