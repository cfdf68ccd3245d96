"""What a description and a status tell, from facts alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.consult.answer import Known, answer
from bot.consult.find import NotThere
from bot.consult.question import Describe, Status
from bot.facts import (
    Chain,
    Change,
    ChangedRevision,
    Difference,
    Facts,
    NotChecked,
    Project,
    Revision,
    RoundTrip,
    State,
    Step,
)
from bot.facts.schema import View
from tests.unit.consult.tables import schema, table


@dataclass(frozen=True)
class Size:
    """What a file of sizes says."""

    rows: int
    bytes: int


NICK = Difference("column", "public.notes.nick", None, "nick text", table="public.notes")
NOTES = table(text="text", nick="text")
PROJECT = Project(
    "backend/alembic.ini",
    "backend/migrations",
    base=Chain((Revision("a1", "a1.py"),), ("a1",)),
    head=Chain(
        (
            Revision(
                "a1", "a1.py", message="first", doc="first\n\nCreate Date: 2026-01-02 03:04:05"
            ),
            Revision("b2", "b2.py", ("a1",), message="@everyone <b>"),
        ),
        ("b2",),
    ),
    revisions=(ChangedRevision("b2", "b2.py", Change.ADDED, ("a1",), "@everyone <b>"),),
    schema=schema(NOTES),
    base_schema=schema(table(text="text")),
    whole=RoundTrip(upgrade=Step(State.OK, changed=(NICK,))),
)
FACTS = Facts(base="0" * 40, head="1" * 40, projects=(PROJECT,))


def test_pending_changes_are_those_of_the_table() -> None:
    """And its size is told where somebody stated it."""
    known = Known(FACTS, sizes={"public.notes": Size(12_000_000, 3 * 1024**3)})
    text = answer(Describe("notes"), known).render("text")
    assert "in production 12,000,000 rows, 3.0 GB" in text
    assert "column public.notes.nick is added: nick text" in text


def test_what_a_stranger_wrote_is_text_in_a_comment() -> None:
    """Nobody is mentioned, nothing is a tag."""
    text = answer(Status(), Known(FACTS)).render("markdown")
    assert "@everyone" not in text
    assert "<b>" not in text.replace("\\<b\\>", "")


def test_status_tells_dates_and_commands() -> None:
    """Those of Alembic's own template."""
    text = answer(Status(), Known(FACTS)).render("text")
    assert "2026-01-02 03:04:05" in text
    assert "alembic -c backend/alembic.ini upgrade head" in text
    assert "alembic -c backend/alembic.ini downgrade a1" in text


def test_several_heads_are_told() -> None:
    """They cannot be upgraded to as one."""
    project = replace(PROJECT, head=Chain(PROJECT.head.revisions, ("a1", "b2")))
    text = answer(Status(), Known(replace(FACTS, projects=(project,)))).render("text")
    assert "merge them first" in text
    assert "upgrade heads" in text


def test_a_table_of_a_project_that_was_not_seen_may_be_there() -> None:
    """Then it is not said that there is none: exit status 3 instead of 2."""
    gap = NotChecked("the project x", "it broke", "Mend it.", fatal=True, project="x")
    seen = answer(Describe("other"), Known(replace(FACTS, not_checked=(gap,))))
    assert seen.exit_status == 3
    assert "it broke" in seen.render("text")
    with pytest.raises(NotThere):
        answer(Describe("other"), Known(FACTS))


def test_a_bare_name_in_two_schemas_is_public_or_asked_about() -> None:
    """Nothing is guessed."""
    other, third = (replace(NOTES, schema=name) for name in ("audit", "extra"))
    both = replace(PROJECT, schema=schema(NOTES, other))
    (told,) = answer(Describe("notes"), Known(replace(FACTS, projects=(both,)))).told
    assert told.table.schema == "public"
    both = replace(PROJECT, schema=schema(other, third))
    with pytest.raises(NotThere, match="say which"):
        answer(Describe("notes"), Known(replace(FACTS, projects=(both,))))


def test_a_view_is_said_to_be_one() -> None:
    """It is there, and is no table."""
    held = replace(schema(NOTES), views=(View("public", "v", "view", "SELECT 1"),))
    with pytest.raises(NotThere, match="is a view, not a table"):
        answer(Describe("v"), Known(replace(FACTS, projects=(replace(PROJECT, schema=held),))))
