"""What UPDATE and DELETE restrict themselves to, as parsed."""

from __future__ import annotations

import pytest

from bot.sql import (
    Modify,
    pieces,
)


def modify(sql: str) -> Modify:
    """The outermost change of rows."""
    return pieces(sql)[0].modifies[0]


@pytest.mark.parametrize(
    ("sql", "restricts"),
    [
        ("DELETE FROM t", False),
        ("DELETE FROM t WHERE true", False),
        ("DELETE FROM t WHERE 1 = 1", False),
        ("DELETE FROM t WHERE 1 = 1 OR a = 2", False),
        ("DELETE FROM t WHERE 1 = 1 AND a = 2", True),
        ("DELETE FROM t WHERE a = 2", True),
    ],
)
def test_a_condition_that_is_always_true_restricts_nothing(sql: str, *, restricts: bool) -> None:
    """By its own words, without looking at rows."""
    assert modify(sql).restricts is restricts


@pytest.mark.parametrize(
    ("where", "vague"),
    [
        ("a IS NULL", True),
        ("a < now()", True),
        ("a IS NULL OR a <> ''", True),
        ("a = 1", False),
        ("a = 1 AND b IS NULL", False),
        ("a IN (1, 2)", False),
        ("id = $1", False),
    ],
)
def test_a_condition_that_looks_for_no_value_is_vague(where: str, *, vague: bool) -> None:
    """Such a one may take every row."""
    assert modify(f"UPDATE t SET a = 1 WHERE {where}").vague is vague


def test_a_delete_of_rows_without_a_value_clears_away_the_odd_ones() -> None:
    """Before the column demands one; those that have a value, or are old, may be most of them."""
    assert not modify("DELETE FROM t WHERE a IS NULL").vague
    assert not modify("DELETE FROM t WHERE a IS NULL AND b < 3").vague
    assert modify("DELETE FROM t WHERE a IS NOT NULL").vague
    assert modify("DELETE FROM t WHERE a IS NULL OR b < 3").vague


@pytest.mark.parametrize(
    ("where", "slices", "sliced"),
    [
        ("id IN (SELECT id FROM t WHERE a IS NULL LIMIT 10)", True, "a IS NULL"),
        ("id BETWEEN 1 AND 9", True, None),
        ("id >= 1 AND id < 9", True, None),
        ("ctid = ANY ($1)", True, None),
        ("id > 1", False, None),
    ],
)
def test_batches_are_told_by_their_bounds(where: str, sliced: str | None, *, slices: bool) -> None:
    """A LIMIT, ctid, or a range with both ends."""
    found = modify(f"UPDATE t SET a = 1 WHERE {where}")
    assert (found.slices, found.sliced) == (slices, sliced)


def test_changes_inside_with_are_found() -> None:
    """The outermost first, each with its own table."""
    (piece,) = pieces("WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone")
    assert [(item.command, item.table.name) for item in piece.modifies] == [
        ("insert", "b"),
        ("delete", "a"),
    ]
