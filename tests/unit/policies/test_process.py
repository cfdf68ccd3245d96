"""The decisions behind the policies on how a change is told: words, paths, owners, issues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.guesses.verbs import begins_with_verb, is_vague
from bot.explain.history.owners import owners
from bot.explain.history.paths import matches
from bot.explain.history.told import description, names_issue, says
from bot.facts import Change, ChangedRevision

OWNERS = """\
# everything
*            @acme/all
*.js         @web # pages
/migrations/ @acme/data dba@example.org
docs/*       @acme/docs
**/secret/   @acme/security
/shop/models.py
"""


@pytest.mark.parametrize(
    ("message", "vague", "verb"),
    [
        ("", True, False),
        ("Update table", True, True),
        ("db_changes_v2", True, False),
        ("auto", True, False),
        ("Fix the total of orders", False, True),
        ("add_nickname_to_customers", False, True),
        ("Dropped orders.note", False, True),
        ("applies row security to orders", False, True),
        ("Indexing orders by status", False, True),
        ("Customer nickname", False, False),
        ("drop", False, False),
        ("Größe der Bestellung", False, False),
    ],
)
def test_messages(message: str, vague: bool, verb: bool) -> None:  # noqa: FBT001 - a table
    """What says nothing at all, and what begins with what it does."""
    assert is_vague(message) is vague
    assert begins_with_verb(message) is verb


def test_a_team_adds_words_of_its_own() -> None:
    """Its verbs, and words that say nothing there."""
    assert begins_with_verb("sunset orders.note", frozenset({"sunset"}))
    assert is_vague("shop update", frozenset({"shop"}))
    assert not is_vague("shop update")


@given(st.text(max_size=200))
def test_no_message_is_too_odd(message: str) -> None:
    """A stranger wrote it."""
    assert is_vague(message) in (True, False)
    assert begins_with_verb(message) in (True, False)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README", ("@acme/all",)),
        ("web/app.js", ("@web",)),
        ("migrations/versions/1.py", ("@acme/data", "dba@example.org")),
        ("backend/migrations/1.py", ("@acme/all",)),
        ("docs/a.md", ("@acme/docs",)),
        ("docs/deep/a.md", ("@acme/all",)),
        ("a/b/secret/key.py", ("@acme/security",)),
        ("secret/key.py", ("@acme/security",)),
        ("shop/models.py", ()),
    ],
)
def test_the_last_line_that_matches_decides(path: str, expected: tuple[str, ...]) -> None:
    """As GitHub reads CODEOWNERS; a line without owners takes them away."""
    assert owners(OWNERS, path) == expected


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_line_of_owners_is_too_odd(text: str, path: str) -> None:
    """Whatever base's file holds, nothing raises."""
    assert isinstance(owners(text, path), tuple)


@pytest.mark.parametrize(
    ("path", "pattern", "means"),
    [
        ("docs/adr/0001.md", "adr/", True),
        ("adr/0001.md", "adr/", True),
        ("docs/madr/0001.md", "adr/", False),
        ("specs/database/schema.md", "specs/**database**", True),
        ("a/specs/001-x/data-model.md", "specs/**data-model**", True),
        ("docs/database.md", "specs/**database**", False),
        ("docs/architecture.md", "**architecture.md", True),
        ("architecture.md", "**architecture.md", True),
    ],
)
def test_patterns_of_paths(path: str, pattern: str, means: bool) -> None:  # noqa: FBT001 - a table
    """A folder wherever it lies; stars over slashes."""
    assert matches(path, [pattern]) is means


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("Closes #12", None, True),
        ("GH-12", None, True),
        ("PAY-45: notes", None, True),
        ("version 12", None, False),
        ("#0", None, False),
        ("TASK 45", r"TASK \d+", True),
        ("#12", r"TASK \d+", False),
    ],
)
def test_references_to_issues(text: str, pattern: str | None, found: bool) -> None:  # noqa: FBT001 - a table
    """GitHub's own, those of other trackers, or the team's pattern alone."""
    assert names_issue(text, pattern) is found


def test_what_alembic_writes_is_no_description() -> None:
    """The first line and the template's are left out; whatever else stands there counts."""
    doc = "Add x.\n\nRevision ID: b2\nRevises: a1\nCreate Date: 2026-01-01\n"
    item = ChangedRevision("b2", "b2.py", Change.ADDED, doc=doc)
    more = ChangedRevision("b2", "b2.py", Change.ADDED, doc=f"{doc}\nFor the invoices.")
    assert (description(item), description(more)) == ("", "For the invoices.")


def test_words_begin_and_stand_apart() -> None:
    """``break`` is in "Breaking", not in "daybreak"."""
    assert says("Breaking: x", ("break",))
    assert not says("at daybreak", ("break",))
