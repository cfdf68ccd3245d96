"""What a round trip lost: by key or by count, meaning before spelling."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from bot.facts.rows import Loss
from bot.observe.rows.alike import alike, is_after
from bot.observe.rows.contents import Content
from bot.observe.rows.losses import Comparison, losses

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOW = Comparison(NOW)


def keyed(columns: str, *rows: tuple[str | None, ...]) -> Content:
    """A table whose first column is its key."""
    return Content(tuple(columns.split()), {row[:1]: row for row in rows}, {}, keyed=True)


def counted(columns: str, *rows: tuple[str | None, ...]) -> Content:
    """A table without a key."""
    return Content(tuple(columns.split()), {row: row for row in rows}, Counter(rows), keyed=False)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (keyed("id a", ("1", "x")), keyed("id a", ("1", "x")), None),
        (keyed("id a", ("1", "x")), keyed("id a b", ("1", "x", "new"), ("2", "y", None)), None),
        (
            keyed("id a", ("1", "x"), ("2", "y")),
            keyed("id a", ("1", None), ("2", "y")),
            Loss("t", 1, ("a",), 0, 2, "x", None),
        ),
        (
            keyed("id a", ("1", "x"), ("2", "y")),
            keyed("id a", ("2", "y")),
            Loss("t", 1, (), 1, 2),
        ),
        (keyed("id a", ("1", "x")), keyed("id", ("1",)), None),  # a difference of the schema
        (
            keyed("id a", ("1", "x"), ("2", "y")),
            keyed("id a", ("u1", "x"), ("u2", "y")),
            Loss("t", 2, ("id",), 0, 2, "1", None),
        ),
        (
            counted("a b", ("x", "1"), ("x", "1")),
            counted("a b", ("x", "1")),
            Loss("t", 1, (), 1, 2),
        ),
        (
            counted("a b", ("x", "1"), ("y", "2")),
            counted("a b", ("x", None), ("y", None)),
            Loss("t", 2, ("b",), 0, 2, "1", None),
        ),
        (
            keyed("id at", ("1", "2024-01-01 00:00:00")),
            keyed("id at", ("1", "2026-01-02 03:04:05")),
            None,
        ),
    ],
)
def test_what_is_gone_is_told(before: Content, after: Content, expected: Loss | None) -> None:
    """Rows, values, keys; what was added, or set to the time of the run, is no loss."""
    assert losses({"t": before}, {"t": after}, HOW) == ((expected,) if expected else ())


def test_a_table_that_is_gone_is_left_to_the_schema() -> None:
    """That the downgrade did not bring it back is told as residue."""
    assert losses({"t": keyed("id", ("1",))}, {}, HOW) == ()


def test_values_of_the_user_are_masked() -> None:
    """The example shows the shape of a value, not the value."""
    before, after = keyed("id a", ("1", "Ada 77")), keyed("id a", ("1", None))
    (loss,) = losses({"t": before}, {"t": after}, Comparison(NOW, ("t",)))
    assert loss.before == "xxx 99"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.50", "1.5"),
        ("1", "1.00"),
        ("2024-01-01 00:00:00", "2024-01-01 00:00:00+00"),
        ("2024-01-01", "2024-01-01 00:00:00"),
        ("t", "true"),
        ("de  ", "de"),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}'),
    ],
)
def test_another_spelling_is_no_loss(one: str, other: str) -> None:
    """A value that changed its type may be printed otherwise."""
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "2"),
        ("a", "A"),
        ("", None),
        ("x", ""),
        ("{a}", "{b}"),
        ("2024-01-01 10:00:00", "2024-01-01"),
    ],
)
def test_another_value_is_a_loss(one: str, other: str | None) -> None:
    """Rounded, folded, emptied."""
    assert not alike(one, other)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-01 00:00:01+00", True),
        ("2025-12-31 23:59:59+00", False),
        ("2026-05-05", False),
        ("text", False),
        (None, False),
    ],
)
def test_a_time_of_the_run_is_told(value: str | None, expected: object) -> None:
    """A trigger that keeps ``updated_at`` writes the present."""
    assert is_after(value, NOW) is expected
