"""The group ``data`` on facts written by hand: what counts as a loss, what only looks like one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import (
    Difference,
    Effect,
    Facts,
    Notice,
    PullRequest,
    RoundTrip,
    Seen,
    Statement,
)
from bot.facts.data_types import DataType
from bot.facts.models import ModelColumn, Models, ModelTable
from bot.facts.relation import Constraint
from bot.facts.rows import Filled, Origin, RowsSeen, RowsTrip
from bot.facts.schema import Column, Schema, Table
from bot.markup import Kind, pieces
from bot.policy import Confidence, Finding, Options, Severity, policies
from tests.unit.policies.cases import added, facts, statement, step
from tests.unit.policies.test_hostile_names import HOSTILE, texts

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


def test_cascade_is_told_from_what_is_named() -> None:
    """Each object goes to the statement whose notice or relation names it."""
    view = Difference("view", "public.adults", "CREATE VIEW public.adults AS SELECT users.id", None)
    refers = "FOREIGN KEY (user_id) REFERENCES public.users(id)"
    key = Difference("constraint", "public.pets.fk_pets_users", refers, None, table="public.pets")
    report = Difference(
        "view", "public.report", "CREATE VIEW public.report AS SELECT tags.id", None
    )
    tags = ran("DROP TABLE tags CASCADE", line=21)
    users = ran(
        "DROP TABLE users CASCADE", GONE, line=22,
        notices=(Notice("00000", "drop cascades to constraint fk_pets_users on table pets"),),
    )  # fmt: skip
    named = ran("DROP VIEW adults", line=20)
    seen = upgraded(view, key, report, TABLE, by=(named, tags, users))
    found = {finding.line: finding for finding in said("cascading-drop", seen)}
    assert "fk_pets_users" in found[22].message
    assert "`public.report`" in found[21].message
    assert "adults" not in found[21].message + found[22].message
    assert found[22].confidence is Confidence.OBSERVED
    assert said("cascading-drop", upgraded(view, key, by=(ran("DROP TABLE tags"),))) == []


def test_cascade_inside_a_function_is_seen_by_its_notice() -> None:
    """PostgreSQL tells of it whoever said CASCADE."""
    view = Difference("view", "public.adults", "CREATE VIEW public.adults AS SELECT 1", None)
    notice = Notice("00000", "drop cascades to view adults")
    (finding,) = said(
        "cascading-drop", upgraded(view, by=(ran("SELECT tidy()", notices=(notice,)),))
    )
    assert finding.line == 20


def test_cascade_of_a_type_takes_columns() -> None:
    """They are told once: not as dropped columns too."""
    gone = Difference("type", "public.nick", "CREATE TYPE public.nick AS ENUM ('a')", None)
    seen = upgraded(NICK, gone, by=(ran("DROP TYPE nick CASCADE", EXCLUSIVE),))
    (finding,) = said("cascading-drop", seen)
    assert finding.tables == ("public.users",)
    assert said("dropped-column", seen) == []


def part(kind: str, name: str, definition: str) -> Difference:
    """A part of the table users that is gone."""
    return Difference(kind, f"public.{name}", definition, None, table="public.users")


def test_parts_of_a_column_that_goes() -> None:
    """A constraint always, an index only where it serves a column that stays."""
    parts = (
        part("constraint", "users.uq", "UNIQUE (nick, size)"),
        part("index", "ix_nick", "CREATE INDEX ix_nick ON public.users USING btree (nick)"),
        part("index", "ix_both", "CREATE INDEX ix_both ON public.users USING btree (nick, size)"),
        part("index", "ix_size", "CREATE INDEX ix_size ON public.users USING btree (size)"),
    )
    (finding,) = said(
        "constraint-lost-with-column", upgraded(NICK, *parts, by=(ran(DROP, EXCLUSIVE),))
    )
    assert finding.count == 2
    assert "`public.ix_both`" in finding.message
    assert "ix_nick" not in finding.message
    assert '"ix_users_size"' in finding.remedies[1].text
    named = (
        ran("ALTER TABLE users DROP CONSTRAINT uq", EXCLUSIVE, line=18),
        ran("DROP INDEX ix_both", line=19),
        ran(DROP, EXCLUSIVE),
    )
    assert said("constraint-lost-with-column", upgraded(NICK, *parts, by=named)) == []


def test_key_that_is_made_anew_went_with_the_column_all_the_same() -> None:
    """Base's catalogue tells of it; not what an earlier revision of the change has dropped."""
    drop = ran("ALTER TABLE users DROP COLUMN id", EXCLUSIVE)
    gone = replace(NICK, name="public.users.id", before="id bigint NOT NULL")
    policy = "constraint-lost-with-column"
    (finding,) = said(policy, upgraded(gone, by=(drop,)))
    assert finding.confidence is Confidence.CERTAIN
    assert "`PRIMARY KEY (id)`" in finding.message
    first = added(
        "b", "a", trip=RoundTrip(step(part("constraint", "users.pk_users", "x"), head="b"))
    )
    second = added("c", "b", trip=RoundTrip(step(gone, head="c", statements=(drop,))))
    assert said(policy, facts(None, None, first, second, base_schema=Schema((USERS,)))) == []


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("TRUNCATE users", ("public.users",)),
        ("TRUNCATE ONLY public.users RESTART IDENTITY", ("public.users",)),
        ("DELETE FROM users", ("public.users",)),
        ("DELETE FROM users WHERE true", ("public.users",)),
        ("WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone", ("public.users",)),
        ("DELETE FROM users WHERE id < 5", ()),
        ("DELETE FROM users WHERE id = %(id)s", ()),
        ("DELETE FROM tags", ()),
        ("UPDATE users SET nick = NULL", ()),
    ],
)
def test_every_row_of_a_table_that_was_there(sql: str, tables: tuple[str, ...]) -> None:
    """By the statement's own words; tables of the change are its own business."""
    findings = said("truncated-or-emptied", upgraded(by=(statement(sql),)))
    assert tuple(name for finding in findings for name in finding.tables) == tables
    assert all(finding.confidence is Confidence.CERTAIN for finding in findings)


def test_emptied_is_observed_where_storage_or_rows_went() -> None:
    """A cascade's tables are named too."""
    whole = replace(EXCLUSIVE, rewritten=True)
    reached = replace(whole, relation="public.pets", table="public.pets")
    (finding,) = said(
        "truncated-or-emptied", upgraded(by=(ran("TRUNCATE users CASCADE", whole, reached),))
    )
    assert (finding.confidence, finding.tables) == (
        Confidence.OBSERVED,
        ("public.users", "public.pets"),
    )
    assert "`public.pets`, which it does not name" in finding.message
    deleted = replace(EXCLUSIVE, deleted=3)
    (finding,) = said("truncated-or-emptied", upgraded(by=(ran("DELETE FROM users", deleted),)))
    assert finding.confidence is Confidence.OBSERVED


def test_rows_that_a_function_deleted_count_where_they_were_real() -> None:
    """All rows of a table that the seed filled went; invented rows prove nothing."""
    call = ran("SELECT purge()", replace(EXCLUSIVE, locks=("RowExclusiveLock",)))
    purged = replace(call, effects=(replace(call.effects[0], deleted=5),))
    for origin, count in ((Origin.SEED, 1), (Origin.INVENTED, 0)):
        rows = RowsSeen(
            asked=5,
            filled=(Filled("public.users", 5, origin),),
            trips=(RowsTrip("b", upgrade=step(statements=(purged,))),),
        )
        assert len(said("truncated-or-emptied", upgraded(by=(call,), rows=rows))) == count


def narrowing(
    before: str, after: str, sql: str = "ALTER TABLE users ALTER COLUMN nick TYPE x"
) -> list[Finding]:
    """What is said of a column whose type changed so."""
    change = Difference("column", "public.users.nick", before, after, "type", "public.users")
    return said("narrowing-cast", upgraded(change, by=(ran(sql, EXCLUSIVE),)))


def test_narrower_type_was_observed() -> None:
    """With a query that counts what does not fit, and a CHECK that keeps it out."""
    (finding,) = narrowing("text", "character varying(20)")
    assert (finding.confidence, finding.column, finding.line) == (Confidence.OBSERVED, "nick", 20)
    assert "SELECT count(*) FROM users WHERE char_length(nick) > 20;" in finding.remedies[0].text
    assert '"char_length(nick) <= 20"' in finding.remedies[1].text
    assert narrowing("character varying(20)", "text") == []


def test_types_that_nobody_knows_are_likely() -> None:
    """And what the catalogue did not show is read from the statement."""
    (finding,) = narrowing("public.geometry(Point,4326)", "public.geography")
    assert finding.confidence is Confidence.LIKELY
    bare = statement("ALTER TABLE users ALTER COLUMN nick TYPE varchar(5)")
    (finding,) = said("narrowing-cast", upgraded(by=(bare,)))
    assert finding.confidence is Confidence.CERTAIN
    assert said("narrowing-cast", upgraded(by=(bare,), base_schema=None)) == []


def test_enum_value_that_is_gone() -> None:
    """The type was made anew; a renamed value, or one more, is nothing."""
    sql = "ALTER TABLE users ALTER COLUMN nick TYPE mood USING nick::text::mood"
    change = Difference("type", "public.mood", "CREATE TYPE public.mood AS ENUM ('a', 'b''s')",
                        "CREATE TYPE public.mood AS ENUM ('a')", "values")  # fmt: skip
    mood = Column("nick", 2, DataType("public.mood", "public.mood", kind="enum"))
    base = Schema((replace(USERS, columns=(ID, mood)),))
    (finding,) = said(
        "narrowing-cast", upgraded(change, by=(ran(sql, EXCLUSIVE),), base_schema=base)
    )
    assert "nick::text IN ('b''s')" in finding.remedies[0].text
    more = replace(change, before=change.after, after=change.before)
    assert said("narrowing-cast", upgraded(more, by=(ran(sql, EXCLUSIVE),), base_schema=base)) == []
    renamed = ran("ALTER TYPE mood RENAME VALUE 'b''s' TO 'c'")
    assert said("narrowing-cast", upgraded(change, by=(renamed,))) == []


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


def foreign_key(table: str, *parents: str, rule: str = "CASCADE") -> Table:
    """A table whose rows go with those of its parents."""
    keys = tuple(
        Constraint(
            f"fk_{table}_{parent}",
            "foreign key",
            (f"{parent}_id",),
            f"FOREIGN KEY ({parent}_id)",
            references=f"public.{parent}",
            referenced=("id",),
            on_delete=rule,
        )
        for parent in parents
    )
    return Table("public", table, columns=(ID,), constraints=keys)


def chained(base: tuple[Table, ...], head: tuple[Table, ...]) -> list[Finding]:
    """What is said of a change between these schemas."""
    return said("far-reaching-cascade", upgraded(base_schema=Schema(base), schema=Schema(head)))


def test_a_chain_of_cascades_is_told_from_end_to_end() -> None:
    """What hangs below the new key and what starts above it; one step alone is no chain."""
    top, mid, low = Table("public", "a"), foreign_key("b", "a"), foreign_key("c", "b")
    assert chained((top, foreign_key("b")), (top, mid)) == []
    (finding,) = chained((top, mid), (top, mid, low))
    assert finding.tables == ("public.c",)
    assert "`public.a` already" in finding.message
    (finding,) = chained((top, foreign_key("b"), low), (top, mid, low))
    assert finding.tables == ("public.b", "public.c")
    assert chained((top, mid, low), (top, mid, low)) == []
    assert chained((top, mid), (top, mid, foreign_key("c", "b", rule="RESTRICT"))) == []


def test_a_chain_that_is_new_as_a_whole_is_told_once() -> None:
    """At its uppermost key; another way into it is a chain of its own."""
    top, mid, low = Table("public", "a"), foreign_key("b", "a"), foreign_key("c", "b")
    (finding,) = chained((), (top, mid, low))
    assert finding.tables == ("public.b", "public.c")
    side = Table("public", "d")
    told = chained((), (top, side, foreign_key("b", "a", "d"), low))
    assert [finding.tables for finding in told] == [("public.b", "public.c")] * 2


def test_cascades_in_a_circle_come_to_an_end() -> None:
    """A table that refers to itself, and two that refer to each other."""
    assert chained((), (foreign_key("a", "a"),)) == []
    ring = (foreign_key("a", "b"), foreign_key("b", "a"))
    assert chained((), ring) == []
    (finding,) = chained((), (*ring, foreign_key("c", "b")))
    assert finding.tables == ("public.a", "public.c")


def everything(name: str) -> Facts:
    """Facts that make every policy of the group speak, with one text for every name in them."""
    quoted = '"' + name.replace('"', '""') + '"'
    table = f"public.{name}"
    hostile = Table(
        "public", name, columns=(ID, Column(name, 2, replace(TEXT, name=name))),
        constraints=(replace(KEY, name=name, columns=(name,)),),
    )  # fmt: skip
    lock = Effect(table, table=table, locks=("AccessExclusiveLock",), rewritten=True)
    changed = (
        Difference("column", f"{table}.{name}", name, None, table=table),
        Difference("column", f"{table}.{name}2", "text", f"{name}(5)", "type", table),
        Difference("constraint", f"{table}.{name}3", f"UNIQUE ({name}, x)", None, table=table),
        Difference("index", f"{name}4", f"ON {name} USING btree ({name}, id)", None, table=table),
        Difference("view", name, name, None),
        Difference("table", f"{table}5", name, None, table=f"{table}5"),
    )
    statements = (
        ran(f"ALTER TABLE {quoted} DROP COLUMN {quoted}", lock),
        ran(f'ALTER TABLE {quoted} ALTER COLUMN "{quoted[1:-1]}2" TYPE x', lock),
        ran(
            f"DROP VIEW x CASCADE -- {name}", notices=(Notice("00000", f"drop cascades to {name}"),)
        ),
        ran(f"DROP TABLE {quoted}", replace(lock, relation=f"{table}5", dropped=True)),
        ran(f"TRUNCATE {quoted} CASCADE", lock, replace(lock, relation=f"{table}6")),
    )
    chain_ = (hostile, foreign_key(f"{name}7", name), foreign_key(f"{name}8", f"{name}7"))
    return upgraded(*changed, by=statements, base_schema=Schema((hostile,)), schema=Schema(chain_))


def test_hostile_names_stay_in_their_code_spans() -> None:
    """Every policy speaks, and none puts a stranger's text where Markdown would read it."""
    seen = everything(HOSTILE)
    for policy in POLICIES:
        findings = said(policy, seen)
        assert findings, policy
        for finding in findings:
            for text in texts(finding):
                prose = "".join(each.text for each in pieces(text) if each.kind is Kind.PROSE)
                assert "evil" not in prose, (policy, text)


@given(st.text(min_size=1, max_size=8))
@settings(max_examples=30)
def test_every_finding_is_complete(name: str) -> None:
    """It has a place, a subject and a way out, whatever the names are."""
    for policy in POLICIES:
        for finding in said(policy, everything(name)):
            assert finding.line >= 1
            assert finding.path
            assert finding.subject
            assert finding.remedies
