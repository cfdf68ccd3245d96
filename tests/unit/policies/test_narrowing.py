"""Which type changes lose or refuse values, type by type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.losses.misfit import misfit
from bot.explain.losses.narrowing import Narrowing, narrowed

NARROWER = [
    ("character varying(50)", "character varying(20)", "more than 20 characters"),
    ("text", "character varying(20)", "more than 20 characters"),
    ("text", "character(1)", "more than 1 characters"),
    ("text", "character", "more than 1 characters"),
    ("uuid", "character varying(10)", "more than 10 characters"),
    ("bigint", "character varying(19)", "more than 19 characters"),
    ("jsonb", "character varying(10)", "more than 10 characters"),
    ("text", "integer", "texts that are no value of the new type"),
    ("text", "public.mood", "texts that are no value of the new type"),
    ("character varying(36)", "uuid", "texts that are no value of the new type"),
    ("bigint", "integer", "beyond 2,147,483,647"),
    ("integer", "smallint", "beyond 32,767"),
    ("numeric", "bigint", "beyond 9,223,372,036,854,775,807 are refused and values are rounded"),
    ("numeric(10,0)", "integer", "beyond 2,147,483,647"),
    ("numeric(8,2)", "integer", "rounded to a whole number"),
    ("numeric(12,2)", "numeric(10,2)", "more than 8 digits before the point"),
    ("numeric(12,4)", "numeric(12,2)", "rounded to 2 digits after the point"),
    ("numeric", "numeric(5)", "more than 5 digits before the point"),
    ("bigint", "numeric(10,0)", "more than 10 digits"),
    ("double precision", "real", "after the first 6"),
    ("numeric(20,4)", "double precision", "after the first 15"),
    ("bigint", "double precision", "after the first 15"),
    ("double precision", "integer", "rounded to a whole number"),
    ("timestamp with time zone", "timestamp without time zone", "the instant is lost"),
    ("timestamp with time zone", "date", "time of day"),
    ("timestamp without time zone", "time without time zone", "the date is cut off"),
    ("timestamp(6) with time zone", "timestamp(0) with time zone", "rounded to 0 digits"),
    ("timestamp without time zone", "timestamp(3) with time zone", "rounded to 3 digits"),
    ("time with time zone", "time without time zone", "the offset from UTC"),
    ("jsonb", "integer", "do not convert"),
    ("integer", "boolean", "do not convert"),
    ("public.mood", "public.other", "do not convert"),
    ("text[]", "text[]", None),
    ("bigint[]", "integer[]", "beyond 2,147,483,647"),
    ("integer[]", "integer", "an array of several elements"),
]
WIDER = [
    ("character varying(20)", "character varying(50)"),
    ("character varying(20)", "text"),
    ("character(3)", "character varying(3)"),
    ("text", "citext"),
    ("integer", "bigint"),
    ("smallint", "numeric(5,0)"),
    ("integer", "numeric"),
    ("integer", "double precision"),
    ("smallint", "real"),
    ("real", "double precision"),
    ("double precision", "numeric"),
    ("numeric(10,2)", "numeric(12,2)"),
    ("numeric(10,2)", "numeric(14,4)"),
    ("numeric(10,2)", "numeric"),
    ("numeric(9,0)", "integer"),
    ("date", "timestamp with time zone"),
    ("date", "timestamp(0) without time zone"),
    ("timestamp without time zone", "timestamp with time zone"),
    ("timestamp(0) with time zone", "timestamp with time zone"),
    ("json", "jsonb"),
    ("jsonb", "text"),
    ("uuid", "text"),
    ("uuid", "character varying(36)"),
    ("integer", "character varying(11)"),
    ("public.mood", "text"),
    ("boolean", "integer"),
    ("cidr", "inet"),
    ("integer", "integer[]"),
    ("integer[]", "text"),
    ("varchar(20)", "character varying(20)"),
    ("timestamptz", "timestamp with time zone"),
    ("int4", "bigint"),
]


@pytest.mark.parametrize(("before", "after", "words"), NARROWER)
def test_narrower_types(before: str, after: str, words: str | None) -> None:
    """What happens to values without room is said."""
    found = narrowed(before, after)
    assert (found is None) if words is None else (found is not None and words in found.sentence)


@pytest.mark.parametrize(("before", "after"), WIDER)
def test_wider_types(before: str, after: str) -> None:
    """Every value of the old type has one in the new type: nothing is said."""
    assert narrowed(before, after) is None


@pytest.mark.parametrize("pair", [("public.a", "public.b"), ("jsonb", "uuid"), ("inet", "cidr")])
def test_unknown_pairs_are_marked(pair: tuple[str, str]) -> None:
    """Nothing is known of them here: the finding is likely, not certain."""
    found = narrowed(*pair)
    assert found is not None
    assert not found.known


@pytest.mark.parametrize(
    ("before", "after", "values", "fits"),
    [
        ("text", "character varying(20)", '"Nick"', "char_length"),
        ("bigint", "integer", 'NOT "Nick" BETWEEN -2147483648 AND 2147483647', "BETWEEN"),
        ("numeric", "integer", '"Nick" <> trunc("Nick")', "trunc"),
        ("numeric(12,4)", "numeric(10,2)", 'round("Nick"::numeric, 2)', "abs"),
        ("text", "uuid", "NOT pg_input_is_valid(\"Nick\"::text, 'uuid')", None),
        ("timestamp with time zone", "date", "date_trunc('day', \"Nick\")", None),
        ("timestamp with time zone", "timestamp without time zone", '"Nick" IS NOT NULL', None),
        ("timestamp with time zone", "timestamp(0) with time zone", "::timestamp(0) with", None),
        ("double precision", "real", '"Nick"::real::double precision <> "Nick"', None),
        ("integer[]", "integer", '"Nick" IS NOT NULL', None),
        ("public.a", "public.b", '"Nick" IS NOT NULL', None),
    ],
)
def test_query_for_values_without_room(
    before: str, after: str, values: str, fits: str | None
) -> None:
    """Written for the reader's column, whatever its name needs."""
    found = misfit("Nick", before, after)
    assert values in found.values
    assert (found.fits is None) if fits is None else (fits in (found.fits or ""))


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_type_makes_it_raise(before: str, after: str) -> None:
    """Types of extensions and domains have any name."""
    assert isinstance(narrowed(before, after), Narrowing | None)
    assert misfit("c", before, after).values
