"""What goes along with what a revision drops or deletes."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import (
    Difference,
    Notice,
    RoundTrip,
)
from bot.facts.relation import Constraint
from bot.facts.schema import Schema, Table
from bot.policy import Confidence, Finding
from tests.unit.policies.cases import added, facts, step
from tests.unit.policies.test_data import (
    DROP,
    EXCLUSIVE,
    GONE,
    ID,
    NICK,
    TABLE,
    USERS,
    part,
    ran,
    said,
    upgraded,
)


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
