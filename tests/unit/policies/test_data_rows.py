"""Rows and values that a change takes away without dropping anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Difference,
)
from bot.facts.data_types import DataType
from bot.facts.rows import Filled, Origin, RowsSeen, RowsTrip
from bot.facts.schema import Column, Schema
from bot.policy import Confidence, Finding
from tests.unit.policies.cases import statement, step
from tests.unit.policies.test_data import (
    EXCLUSIVE,
    ID,
    USERS,
    ran,
    said,
    upgraded,
)


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
