"""The comparison of two snapshots, on snapshots made by hand."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import Difference
from bot.observe.catalogue import Snapshot, differences

USERS = {"name": "public.users", "owner": "me"}
NICK = {
    "name": "public.users.nick",
    "table": "public.users",
    "type": "character varying(50)",
    "nullability": True,
    "default": "''::character varying",
    "more": None,
}
PRICE = {
    "name": "public.users.price_check",
    "table": "public.users",
    "definition": "CHECK ((price > 0)) NOT VALID",
    "validity": False,
}
VALID = PRICE | {"definition": "CHECK ((price > 0))", "validity": True}
EMPTY: dict[str, Any] = {}


def _snapshot(sections: dict[str, Any]) -> Snapshot:
    return Snapshot(json.dumps(sections).encode())


def _column(**changed: Any) -> Snapshot:
    return _snapshot({"table": [USERS], "column": [NICK | changed]})


def test_equal_bytes_are_not_even_parsed() -> None:
    """Two snapshots with the same bytes hold the same, whatever the bytes are."""
    assert differences(Snapshot(b"no JSON"), Snapshot(b"no JSON")) == ()


def test_a_new_table_is_one_difference_with_everything_in_it() -> None:
    """Columns, constraints and indexes that come with their table are listed in its definition."""
    index = {
        "name": "public.ix",
        "table": "public.users",
        "definition": "CREATE INDEX ix ON public.users (nick)",
        "validity": True,
    }
    after = {"table": [USERS], "column": [NICK], "constraint": [VALID], "index": [index]}
    (found,) = differences(_snapshot(EMPTY), _snapshot(after))
    assert found == Difference(
        kind="table",
        name="public.users",
        table="public.users",
        before=None,
        after="CREATE TABLE public.users (\n"
        "    nick character varying(50) NOT NULL DEFAULT ''::character varying,\n"
        "    CONSTRAINT price_check CHECK ((price > 0))\n"
        ");\n"
        "CREATE INDEX ix ON public.users (nick)",
    )


def test_each_attribute_of_a_column_is_a_difference_of_its_own() -> None:
    """Nullability and default differ: two differences, each with its own values."""
    found = differences(_column(), _column(nullability=False, default=None))
    assert [(each.attribute, each.before, each.after) for each in found] == [
        ("default", "''::character varying", ""),
        ("nullability", "NOT NULL", "NULL"),
    ]
    assert {each.label for each in found} == {"column public.users.nick"}
    assert {each.table for each in found} == {"public.users"}


def test_a_column_that_went_is_shown_whole() -> None:
    """Its definition is what ADD COLUMN needs."""
    (found,) = differences(_column(), _snapshot({"table": [USERS]}))
    assert (found.after, found.attribute) == (None, None)
    assert found.before == "nick character varying(50) NOT NULL DEFAULT ''::character varying"


def test_a_constraint_that_stayed_validated_is_no_difference() -> None:
    """Nobody un-checks rows on the way back; the other direction is a difference."""
    unchecked, checked = _snapshot({"constraint": [PRICE]}), _snapshot({"constraint": [VALID]})
    assert differences(unchecked, checked) == ()
    (lost,) = differences(checked, unchecked)
    assert (lost.attribute, lost.after) == ("validity", "CHECK ((price > 0)) NOT VALID")
    (won,) = differences(unchecked, checked, validated=True)
    assert won.attribute == "validity"


def test_a_generated_name_of_a_not_null_is_no_residue() -> None:
    """A renamed table's column keeps the old one until it is created anew; a chosen one counts."""
    name = "not-null constraint"
    renamed, anew = _column(**{name: "people_nick_not_null1"}), _column()
    assert differences(renamed, anew) == differences(anew, renamed) == ()
    assert [item.attribute for item in differences(renamed, anew, validated=True)] == [name]
    assert differences(_column(**{name: "everybody_has_one"}), anew)


def test_a_constraint_that_is_no_longer_enforced_is_one_difference() -> None:
    """Its validity follows from that and goes unsaid."""
    off = PRICE | {"definition": "CHECK ((price > 0)) NOT ENFORCED"}
    (found,) = differences(_snapshot({"constraint": [VALID]}), _snapshot({"constraint": [off]}))
    assert (found.attribute, found.after) == ("enforced", "CHECK ((price > 0)) NOT ENFORCED")


def test_enum_values_are_shown_in_their_order() -> None:
    """The same labels in another order are another type."""
    before, after = (
        _snapshot({"type": [{"name": "public.mood", "values": values}]})
        for values in (["a", "it's"], ["it's", "a"])
    )
    (found,) = differences(before, after)
    assert found == Difference(
        kind="type",
        name="public.mood",
        attribute="values",
        before="CREATE TYPE public.mood AS ENUM ('a', 'it''s')",
        after="CREATE TYPE public.mood AS ENUM ('it''s', 'a')",
    )


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        (None, "default privileges"),
        ([], "no privileges for anybody"),
        (["=r/me"], "SELECT TO PUBLIC"),
        (["reader=r*w/me", "me=X/me"], "SELECT WITH GRANT OPTION, UPDATE TO reader; EXECUTE TO me"),
        (['"odd=name"=U/me'], 'USAGE TO "odd=name"'),
    ],
)
def test_privileges_are_told_in_words(items: list[str] | None, shown: str) -> None:
    """An access control list reads like the GRANT that makes it."""
    before, after = (
        _snapshot({"table": [USERS | {"privileges": each}]}) for each in (["x=m/me"], items)
    )
    (found,) = differences(before, after)
    assert (found.attribute, found.before, found.after) == (
        "privileges",
        "MAINTAIN TO x",
        shown,
    )


def test_values_that_read_alike_are_shown_exactly() -> None:
    """Two grantors of one privilege differ though the words do not."""
    before, after = (
        _snapshot({"table": [USERS | {"privileges": [f"reader=r/{grantor}"]}]})
        for grantor in ("me", "you")
    )
    (found,) = differences(before, after)
    assert (found.before, found.after) == ('["reader=r/me"]', '["reader=r/you"]')


def test_a_long_definition_is_cut_around_what_differs() -> None:
    """A reader sees the line that differs, not the first four thousand characters of both."""
    text = "-- filler\n" * 2000
    before, after = (
        _snapshot({"function": [{"name": "public.f()", "definition": f"{text}{end}{text}"}]})
        for end in ("SELECT 1\n", "SELECT 2\n")
    )
    (found,) = differences(before, after)
    assert found.before is not None
    assert found.after is not None
    assert "SELECT 1" in found.before
    assert "SELECT 2" in found.after
    assert len(found.before) < 4100
    assert found.before[0] == found.before[-1] == "…"


def test_a_sequence_goes_with_its_column() -> None:
    """An owned sequence is named only when its column stays."""
    sequence = {
        "name": "public.users_nick_seq",
        "table": "public.users",
        "parent": ["column", "public.users.nick"],
        "type": "bigint",
        "start": 1,
        "increment": 1,
        "minimum": 1,
        "maximum": 9,
        "cache": 1,
        "cycle": False,
    }
    whole = _snapshot({"table": [USERS], "column": [NICK], "sequence": [sequence]})
    assert [each.kind for each in differences(whole, _snapshot({"table": [USERS]}))] == ["column"]
    assert [each.kind for each in differences(whole, _column())] == ["sequence"]


def test_the_sequence_of_an_identity_is_told_by_the_column() -> None:
    """Losing the identity is one difference; another name of its sequence is a new sequence."""
    options = {"type": "integer", "start": 1, "increment": 1, "minimum": 1, "maximum": 9}
    sequence = options | {
        "name": "public.users_nick_seq",
        "table": "public.users",
        "parent": ["column", "public.users.nick"],
        "identity": "i",
        "cache": 1,
        "cycle": False,
    }
    column = NICK | {"more": {"identity": "a"}}
    whole = {"table": [USERS], "column": [column], "sequence": [sequence]}
    (found,) = differences(_snapshot(whole), _column())
    assert (found.kind, found.attribute, found.before) == ("column", "identity", "always")
    renamed = whole | {"sequence": [sequence | {"name": "public.other"}]}
    found_names = [each.label for each in differences(_snapshot(whole), _snapshot(renamed))]
    assert found_names == ["sequence public.other", "sequence public.users_nick_seq"]


def test_two_objects_of_one_name_are_both_compared() -> None:
    """Schema "a.b" with table "c" reads like schema "a" with table "b.c"; neither is lost."""
    one = {"name": "a.b.c", "owner": "me"}
    (found,) = differences(_snapshot({"table": [one]}), _snapshot({"table": [one, one]}))
    assert found.before is None


def test_a_kind_without_words_of_its_own_is_told_by_its_attributes() -> None:
    """No object is left out for being rare."""
    row = {"name": "integer as text", "context": "e", "method": "i", "function": None}
    (found,) = differences(_snapshot(EMPTY), _snapshot({"cast": [row]}))
    assert found.after == (
        "cast integer as text (context: explicit; method: input and output functions)"
    )


def test_bytes_of_a_database_without_encoding_are_read() -> None:
    """SQL_ASCII databases hold names that are not UTF-8."""
    raw = b'{"schema": [{"name": "caf\xe9", "owner": "me"}]}'
    (found,) = differences(_snapshot(EMPTY), Snapshot(raw))
    assert found.name == "caf\ufffd"


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a", "b", "a.x", "b.x"]),
            "owner": st.sampled_from(["me", "you"]),
            "comment": st.none() | st.text(max_size=3),
            "table": st.sampled_from([None, "a", "b"]),
        }
    ),
    unique_by=lambda row: row["name"],
)
SECTIONS = st.fixed_dictionaries(
    {"table": ROWS.map(lambda rows: [row | {"table": None} for row in rows]), "cast": ROWS}
)


@given(before=SECTIONS, after=SECTIONS, seed=st.integers())
@settings(max_examples=50)
def test_the_comparison_is_symmetric_and_knows_no_order(
    before: dict[str, Any], after: dict[str, Any], seed: int
) -> None:
    """Swapping the sides swaps the texts; shuffling the rows changes nothing."""
    forth = differences(_snapshot(before), _snapshot(after))
    back = differences(_snapshot(after), _snapshot(before))
    assert [(each.label, each.attribute, each.after, each.before) for each in forth] == [
        (each.label, each.attribute, each.before, each.after) for each in back
    ]
    order = random.Random(seed)  # noqa: S311 - shuffling is no secret
    shuffled = {kind: order.sample(rows, len(rows)) for kind, rows in after.items()}
    assert differences(_snapshot(before), _snapshot(shuffled)) == forth
    assert differences(_snapshot(after), _snapshot(shuffled)) == ()
