"""What the probe answers to the bot's query is a stranger's word."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.locks.inside import Unreadable, milliseconds, parse, query
from bot.observe.locks.relations import Counters, Relation

SETTINGS = ["5s", "0", "on"]
PLAIN = [20_000, "public", "t", "r", 7, 1, 2, 3, None]
KNOWN = {20_001: Relation(20_001, "public", "i", "i", owner="public.t", constraint=True)}


def test_an_answer_is_read() -> None:
    """Tables of indexes come by oid, from the answer itself or from what was known."""
    index = [20_002, "public", "j", "i", 8, 0, 0, 0, 0, 20_000, True]
    found = parse(json.dumps([SETTINGS, [PLAIN], [index]]), KNOWN)
    assert (found.lock_timeout_ms, found.statement_timeout_ms, found.counts) == (5000, 0, True)
    assert found.counters[20_000] == Counters(1, 2, 3, 0)
    assert found.relations[20_002].table == "public.t"
    assert found.relations[20_002].constraint


def test_what_was_not_asked_for_is_as_it_was_known() -> None:
    """A short answer about an index keeps its table and its constraint."""
    found = parse(
        json.dumps([SETTINGS, [[20_001, "public", "i2", "i", 9, 0, 0, 0, 0]], None]), KNOWN
    )
    assert found.relations[20_001] == Relation(
        20_001, "public", "i2", "i", "public.t", 9, constraint=True
    )


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        "no json",
        "{}",
        "[]",
        json.dumps([[], None, None]),
        json.dumps([SETTINGS, [["20000", "public", "t", "r", 7, 1, 2, 3, 4]], None]),
        json.dumps([SETTINGS, [PLAIN[:-1]], None]),
        json.dumps([SETTINGS, [[*PLAIN, 1]], None]),
        json.dumps([SETTINGS, None, None]).replace("null", f"[[{'1' * 5000}]]", 1),
        "[" * 100_000,
        json.dumps([SETTINGS, None, None]) + " " * 1_000_000,
        "\ud800",
    ],
)
def test_what_is_no_answer_is_unreadable(answer: str | None) -> None:
    """Wrong shapes, sizes and encodings are told, not guessed at."""
    with pytest.raises(Unreadable):
        parse(answer, KNOWN)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_text_is_an_answer_or_unreadable(text: str) -> None:
    """Nothing else is ever raised."""
    try:
        parse(text, KNOWN)
    except Unreadable:
        return


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("0", 0),
        ("250ms", 250),
        ("5s", 5000),
        ("1.5s", 1500),
        ("2min", 120_000),
        ("1h", 3_600_000),
        ("1d", 86_400_000),
        ("500us", 0.5),
        ("", None),
        ("soon", None),
        ("-1", None),
    ],
)
def test_times_as_show_prints_them(setting: str, expected: float | None) -> None:
    """In the largest unit that divides them (PostgreSQL docs, "Parameter Names and Values")."""
    assert milliseconds(setting) == expected


@pytest.mark.parametrize(
    "text",
    [query(), query([1, 2]), query((), [3]), query([1], [2], first=True), query(report=True)],
)
def test_no_driver_takes_a_part_of_the_query_for_a_parameter(text: str) -> None:
    """Each has another way to write them; and a name that is not qualified could be anybody's."""
    assert not set("%:$?\\") & set(text)
    assert " pg_class" not in text
    assert text.isascii()
