"""The parts that standards ask for: what they say of a change, and of hostile names."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.facts import Difference, Direction, Effect, Seen, State, Statement, Step
from bot.facts.data_types import DataType
from bot.facts.models import MappedClass, ModelColumn, Models, ModelTable
from bot.facts.relation import Constraint, Index, IndexKey
from bot.facts.schema import Column, Schema, Table
from bot.report import Display, Format, render
from bot.report.parts import parts
from bot.settings.model import REPORT_PARTS
from bot.verdict import Verdict
from tests.conftest import Golden
from tests.unit.report.cases import CLEAN, GOOD, project, revision, verdict

HOSTILE = 'x"] ||--|| evil : "`<img src=x>` @octocat\n```\n#1'


def number(name: str, place: int, *, nullable: bool = False) -> Column:
    """A column of big integers."""
    return Column(name, place, DataType("bigint", "bigint", category="N"), nullable=nullable)


def users(name: str = "users") -> Table:
    """The table that was there."""
    return Table("public", name, columns=(number("id", 1),))


def notes(parent: str = "users") -> Table:
    """The new table, with a key, an index and a constraint that is not validated."""
    return Table(
        "public",
        "notes",
        columns=(number("id", 1), number("user_id", 2)),
        constraints=(
            Constraint(
                "fk_notes_users",
                "foreign key",
                ("user_id",),
                "FOREIGN KEY (user_id) REFERENCES users(id)",
                validated=False,
                references=f"public.{parent}",
                referenced=("id",),
                on_delete="CASCADE",
            ),
        ),
        indexes=(
            Index("public.ix_notes_user_id_id", (IndexKey("user_id"), IndexKey("id")), "CREATE …"),
        ),
    )


def shown(parent: str = "users", name: str = "Note") -> Verdict:
    """A verdict on a change that adds notes of users and drops the users' nicknames."""
    key = ModelColumn("id", "BIGINT", nullable=False, primary_key=True, attribute="id")
    own = ModelColumn(
        "user_id",
        "BIGINT",
        nullable=False,
        attribute="user_id",
        references=(f"public.{parent}.id",),
    )
    nickname = ModelColumn("nickname", "TEXT", attribute="nickname")
    base = Models((ModelTable(f"public.{parent}", (key, nickname)),))
    head = Models(
        (ModelTable(f"public.{parent}", (key,)), ModelTable("public.notes", (key, own))),
        (MappedClass(name, name, "shop/models.py", 7, "public.notes"),),
        asynchronous=True,
    )
    up = Step(
        State.OK,
        statements=(
            Statement(
                Direction.UPGRADE,
                f'ALTER TABLE "{parent}" DROP COLUMN nickname',
                "versions/b2c3_add_notes.py",
                12,
                1.0,
                1,
                effects=(Effect(f"public.{parent}", locks=("AccessExclusiveLock",)),),
                seen=Seen.TRANSACTION,
            ),
        ),
        changed=(
            Difference("table", "public.notes", None, "table"),
            Difference(
                "column",
                f"public.{parent}.nickname",
                "nickname text",
                None,
                table=f"public.{parent}",
            ),
        ),
    )
    old = replace(users(parent), columns=(number("id", 1), number("nickname", 2, nullable=True)))
    told = replace(
        project(revision("b2c3", "add notes", replace(GOOD, upgrade=up))),
        schema=Schema((notes(parent), users(parent))),
        base_schema=Schema((old,)),
        models=head,
        base_models=base,
    )
    return replace(
        verdict("clean"), facts=replace(CLEAN, projects=(told,)), report_parts=REPORT_PARTS
    )


def test_the_parts_read_as_accepted(golden: Golden) -> None:
    """All of them, in the order of the settings, in a comment and on a terminal."""
    golden("parts.md", render(Format.MARKDOWN, shown()))
    golden("parts.txt", render(Format.TEXT, shown(), Display(width=100)))


def test_names_of_strangers_stay_names(golden: Golden) -> None:
    """No name ends a diagram's text, a fence, a command or a tag, or calls somebody."""
    golden("parts.hostile.md", render(Format.MARKDOWN, shown(HOSTILE, "import os; os")))


def test_the_diagram_of_hostile_names_has_its_own_relation_alone() -> None:
    """A table whose name is a piece of Mermaid is one table."""
    (found,) = [part.diagrams for part in parts(shown(HOSTILE)) if part.name == "relationships"]
    head, *lines = found[0].splitlines()
    assert head == "erDiagram"
    entity, relation = r'    t\d\["[\w ,.-]+"\]', r'    t1 \|\|--o\{ t0 : "user_id"'
    assert [bool(re.fullmatch(entity, line)) for line in lines] == [True, True, False]
    assert re.fullmatch(relation, lines[-1])


def test_a_class_that_is_no_name_is_not_put_into_code() -> None:
    """A sample that somebody pastes holds identifiers alone."""
    assert "usage-example" not in {part.name for part in parts(shown(name="import os; os"))}


@pytest.mark.parametrize("name", REPORT_PARTS)
def test_a_part_is_there_when_it_is_asked_for(name: str) -> None:
    """Each by itself; none unless somebody asks."""
    asked = replace(shown(), report_parts=(name,))
    assert [part.name for part in parts(asked)] == [name]
    assert [*parts(replace(shown(), report_parts=()))] == []


def test_the_parts_are_in_the_json_report_too() -> None:
    """As Markdown, for whoever shows them elsewhere."""
    report = render(Format.JSON, shown())
    assert all(f'"name": "{name}"' in report for name in REPORT_PARTS)
