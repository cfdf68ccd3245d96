"""The group ``data`` on facts written by hand: what counts as a loss, what only looks like one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Difference,
    Effect,
    Facts,
    PullRequest,
    RoundTrip,
    Seen,
    Statement,
)
from bot.facts.data_types import DataType
from bot.facts.models import ModelColumn, Models, ModelTable
from bot.facts.relation import Constraint
from bot.facts.schema import Column, Schema, Table
from bot.policy import Confidence, Finding, Options, Severity, policies
from tests.unit.policies.cases import added, facts, statement, step

POLICIES = {policy.id: policy for policy in policies() if policy.group == "data"}
TEXT = DataType("text", "text", category="S")
ID = Column("id", 1, DataType("bigint", "bigint", category="N"), nullable=False)
KEY = Constraint("pk_users", "primary key", ("id",), "PRIMARY KEY (id)")
USERS = Table(
    "public", "users", columns=(ID, Column("nick", 2, TEXT), Column("size", 3, TEXT)),
    constraints=(KEY,),
)  # fmt: skip
NICK = Difference("column", "public.users.nick", "nick text", None, table="public.users")
EXCLUSIVE = Effect("public.users", table="public.users", locks=("AccessExclusiveLock",))
GONE = replace(EXCLUSIVE, dropped=True)
TABLE = Difference(
    "table", "public.users", "CREATE TABLE public.users ()", None, table="public.users"
)
DROP = "ALTER TABLE users DROP COLUMN nick"


def ran(sql: str, *effects: Effect, line: int = 20, **more: object) -> Statement:
    """A statement whose effects were seen."""
    return statement(sql, line, effects=effects, seen=Seen.TRANSACTION, **more)


def upgraded(*changed: Difference, by: tuple[Statement, ...] = (), **more: object) -> Facts:
    """A revision that changed this by these statements, on a base with the table users."""
    trip = RoundTrip(step(*changed, statements=by), step(), step())
    return facts(
        None, None, added("b", "a", trip=trip), **{"base_schema": Schema((USERS,)), **more}
    )


def said(policy: str, seen: Facts, **options: object) -> list[Finding]:
    """The policy's findings."""
    return list(POLICIES[policy].look(seen, Options(policy={policy: options})))


def test_all_policies_of_the_group_are_here() -> None:
    """The catalogue names eight."""
    assert sorted(POLICIES) == [
        "cascading-drop",
        "constraint-lost-with-column",
        "dropped-column",
        "dropped-table",
        "far-reaching-cascade",
        "narrowing-cast",
        "truncated-or-emptied",
        "undocumented-data-loss",
    ]


def test_column_is_gone_and_that_was_observed() -> None:
    """At the line of the statement, with the column and its definition."""
    (finding,) = said("dropped-column", upgraded(NICK, by=(ran(DROP, EXCLUSIVE),)))
    assert (finding.line, finding.tables, finding.column) == (20, ("public.users",), "nick")
    assert finding.confidence is Confidence.OBSERVED
    assert "`nick text`" in finding.message
    assert "CREATE TABLE users_before_b AS SELECT id, nick FROM users" in finding.remedies[1].text


def test_without_observations_a_drop_is_certain_at_most() -> None:
    """The statement says so, and base had the column; without either there is nothing to say."""
    bare = statement(DROP)
    (finding,) = said("dropped-column", upgraded(by=(bare,)))
    assert finding.confidence is Confidence.CERTAIN
    assert said("dropped-column", upgraded(by=(bare,), base_schema=None)) == []
    assert (
        said("dropped-column", upgraded(by=(statement("ALTER TABLE users DROP COLUMN x"),))) == []
    )


def test_column_that_is_made_anew_lost_its_values() -> None:
    """The catalogue shows another type at most; the statement shows the loss."""
    change = Difference("column", "public.users.nick", "text", "integer", "type", "public.users")
    again = ran("ALTER TABLE users ADD COLUMN nick integer", EXCLUSIVE, line=21)
    (finding,) = said("dropped-column", upgraded(change, by=(ran(DROP, EXCLUSIVE), again)))
    assert (finding.line, finding.confidence) == (20, Confidence.CERTAIN)
    assert said("narrowing-cast", upgraded(change, by=(ran(DROP, EXCLUSIVE), again))) == []


def test_one_line_that_drops_several_is_one_finding() -> None:
    """A helper in a loop, counted; another line is another finding."""
    size = replace(NICK, name="public.users.size", before="size text")
    other = ran("ALTER TABLE users DROP COLUMN size", EXCLUSIVE)
    (finding,) = said("dropped-column", upgraded(NICK, size, by=(ran(DROP, EXCLUSIVE), other)))
    assert (finding.count, finding.column) == (2, None)
    other = replace(other, line=21)
    assert len(said("dropped-column", upgraded(NICK, size, by=(ran(DROP, EXCLUSIVE), other)))) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE users RENAME COLUMN nick TO nickname",
        "ALTER TABLE public.users RENAME nick TO nickname",
        "DO $$ BEGIN EXECUTE 'ALTER TABLE users RENAME nick TO nickname'; END $$",
    ],
)
def test_new_name_is_no_loss(sql: str) -> None:
    """Also where only a column of the same type in its place tells of it."""
    new = Difference("column", "public.users.nickname", None, "nickname text", table="public.users")
    assert said("dropped-column", upgraded(NICK, new, by=(ran(sql, EXCLUSIVE),))) == []


def test_what_the_change_made_is_not_lost() -> None:
    """A column of an earlier revision, a table of this one, by its oid and without it."""
    new = Difference("column", "public.users.draft", None, "draft text", table="public.users")
    gone = replace(NICK, name="public.users.draft", before="draft text")
    first = added("b", "a", trip=RoundTrip(step(new, head="b")))
    drop = ran("ALTER TABLE users DROP COLUMN draft", EXCLUSIVE)
    second = added("c", "b", trip=RoundTrip(step(gone, head="c", statements=(drop,))))
    for base in (Schema((USERS,)), None):
        assert said("dropped-column", facts(None, None, first, second, base_schema=base)) == []
    own = ran(
        "ALTER TABLE tags DROP COLUMN nick",
        replace(EXCLUSIVE, relation="public.tags", existed=False),
    )
    assert said("dropped-column", upgraded(by=(own,))) == []
    made = replace(TABLE, name="public.tags", table="public.tags", before=None, after="x")
    dropped = replace(made, before="x", after=None)
    first = added("b", "a", trip=RoundTrip(step(made, head="b")))
    gone_too = statement("DROP TABLE tags")
    second = added("c", "b", trip=RoundTrip(step(dropped, head="c", statements=(gone_too,))))
    assert (
        said("dropped-table", facts(None, None, first, second, base_schema=Schema((USERS,)))) == []
    )


def test_partitions_lose_the_column_with_their_parent() -> None:
    """One finding about the table that the statement names."""
    part = replace(USERS, name="users_1", partition_of="public.users")
    other = replace(NICK, name="public.users_1.nick", table="public.users_1")
    seen = upgraded(NICK, other, by=(ran(DROP, EXCLUSIVE),), base_schema=Schema((USERS, part)))
    (finding,) = said("dropped-column", seen)
    assert finding.tables == ("public.users",)
    bare = upgraded(
        NICK,
        other,
        by=(ran(DROP, EXCLUSIVE, replace(EXCLUSIVE, relation="public.users_1")),),
        base_schema=None,
    )
    assert len(said("dropped-column", bare)) == 1


def test_models_that_do_without_make_it_a_note() -> None:
    """As far as they were read; a table that they do not know is not mapped either."""
    drop = (ran(DROP, EXCLUSIVE),)
    mapped = ModelTable("public.users", (ModelColumn("id"), ModelColumn("nick")))
    without = ModelTable("public.users", (ModelColumn("id"),))
    elsewhere = ModelTable("public.tags")
    weights = {
        (): None,
        (mapped,): None,
        (without,): Severity.NOTE,
        (elsewhere,): Severity.NOTE,
    }
    for tables, weight in weights.items():
        seen = upgraded(NICK, by=drop, base_models=Models(tables=tables))
        assert [finding.severity for finding in said("dropped-column", seen)] == [weight]
    unread = Models(tables=(without,), unread=("shop.legacy",))
    (finding,) = said("dropped-column", upgraded(NICK, by=drop, base_models=unread))
    assert finding.severity is None
    seen = upgraded(TABLE, by=(ran("DROP TABLE users", GONE),), base_models=Models((elsewhere,)))
    assert [finding.severity for finding in said("dropped-table", seen)] == [Severity.NOTE]


def test_nobody_knows_which_statement_it_was() -> None:
    """It sits where ``upgrade`` begins, or at the statement that may hide it."""
    (finding,) = said("dropped-column", upgraded(NICK))
    assert (finding.path, finding.line) == ("migrations/versions/b.py", 12)
    hidden = ran("SELECT tidy()", EXCLUSIVE, line=30)
    other = ran("SELECT 1", line=29)
    (finding,) = said("dropped-column", upgraded(NICK, by=(other, hidden)))
    assert finding.line == 30
    (finding,) = said("dropped-table", upgraded(TABLE))
    assert finding.line == 12


def test_dropped_tables_are_known_by_their_oid() -> None:
    """Whatever the statement says; a new name or schema is none."""
    hidden = ran("DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$", GONE)
    (finding,) = said("dropped-table", upgraded(TABLE, by=(hidden,)))
    assert (finding.confidence, finding.tables) == (Confidence.OBSERVED, ("public.users",))
    moved = ran("DO $$ BEGIN EXECUTE 'ALTER TABLE users RENAME TO people'; END $$", EXCLUSIVE)
    assert said("dropped-table", upgraded(TABLE, by=(moved,))) == []
    for sql in ("ALTER TABLE users RENAME TO people", "ALTER TABLE users SET SCHEMA archive"):
        assert said("dropped-table", upgraded(TABLE, by=(statement(sql),))) == []
    (finding,) = said("dropped-table", upgraded(by=(statement("DROP TABLE users"),)))
    assert finding.confidence is Confidence.CERTAIN
    assert said("dropped-table", upgraded(by=(statement("DROP TABLE IF EXISTS nobody"),))) == []


def part(kind: str, name: str, definition: str) -> Difference:
    """A part of the table users that is gone."""
    return Difference(kind, f"public.{name}", definition, None, table="public.users")


def test_a_word_in_the_docstring_or_the_pull_request_is_enough() -> None:
    """Whatever its ending and case; on the command line the docstring alone is asked."""
    seen = upgraded(NICK, by=(ran(DROP, EXCLUSIVE),))
    policy = "undocumented-data-loss"
    (finding,) = said(policy, seen)
    assert "pull request" not in finding.message
    for doc, count in (("No nick", 1), ("Nicks are ARCHIVED", 0), ("no\n  longer read", 0)):
        (project,) = seen.projects
        item = replace(project.revisions[0], doc=doc)
        told = replace(seen, projects=(replace(project, revisions=(item,)),))
        assert len(said(policy, told)) == count
    silent = replace(seen, pull_request=PullRequest(7, "Tidy up", "Closes #3"))
    (finding,) = said(policy, silent)
    assert "nor the pull request" in finding.message
    assert said(policy, replace(seen, pull_request=PullRequest(7, body="A backup is kept."))) == []
    assert said(policy, silent, words=["tidy"]) == []
    assert len(said(policy, silent, words=["swept"])) == 1
    assert said(policy, upgraded()) == []
