"""Files of named queries: names, parameters in every spelling, and what is no parameter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sql.named import named, numbered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1"),
        ("SELECT a WHERE b=:b AND c IN (:c)", "SELECT a WHERE b=$1 AND c IN ($2)"),
        ("SELECT %(a)s, %s, %s, %(a)s", "SELECT $1, $2, $3, $1"),
        ("SELECT a WHERE b=%s AND c=%(c)s", "SELECT a WHERE b=$1 AND c=$2"),
        ("SELECT a WHERE b = @b AND c=@c", "SELECT a WHERE b = $1 AND c=$2"),
        ("SELECT $1, :a, $2", "SELECT $1, $3, $2"),
        ("SELECT a::text, b[1:2], c[lo:hi]", "SELECT a::text, b[1:2], c[lo:hi]"),
        ("SELECT :a::int", "SELECT $1::int"),
        ("SELECT ':a', $$:b$$ -- :c", "SELECT ':a', $$:b$$ -- :c"),
        ("SELECT a @> :b, a->>'c', a % s", "SELECT a @> $1, a->>'c', a % s"),
        ("SELECT 'é', :a", "SELECT 'é', $1"),
    ],
)
def test_parameters_are_numbered(text: str, expected: str) -> None:
    """As psycopg, aiosql and sqlc write them; casts, slices, strings and comments stay."""
    assert numbered(text) == expected


def test_queries_are_found_by_their_names() -> None:
    """With aiosql's and sqlc's marks; text before the first name belongs to none."""
    text = (
        "-- of the shop\n-- name: latest^ :many\n-- what is new\nSELECT 1;\n\n"
        "-- name: touch!\nUPDATE t SET a = :a;\n-- name: latest\nSELECT 2;\n"
        "-- name: both\nSELECT 1; SELECT 2;\n-- name: none\n-- name: wrong\nSELECT FROM WHERE\n"
        "-- name: ddl\nCREATE TABLE t (a int)\n"
    )
    found = {(item.name, item.line): item for item in named(text)}
    assert found["latest", 2].sql == "SELECT 1"
    assert found["touch", 6].sql == "UPDATE t SET a = $1"
    assert found["latest", 8].fault == "its name comes twice"
    assert "2 statements" in (found["both", 10].fault or "")
    assert "0 statements" in (found["none", 12].fault or "")
    assert "parser" in (found["wrong", 13].fault or "")
    assert "EXPLAIN" in (found["ddl", 15].fault or "")


@given(st.text(alphabet="aS:%@$()'\"1;-\n \\é[]/*"))
def test_no_text_is_too_strange(text: str) -> None:
    """It is a file of the change: anything may stand in it."""
    named(f"-- name: x\n{text}")
