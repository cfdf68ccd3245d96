"""What the files of `table-stats` and `queries` say, and what is said of files that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts.sizes import Size
from bot.production import production, read_sizes
from bot.settings import Settings, SettingsError

Make = Callable[..., Any]
STATS = '{"public.users": {"rows": 5, "bytes": 900}}'
LARGE = '{"public.users": {"rows": 50000, "bytes": 900}}'


def test_sizes_are_read() -> None:
    """Rows and bytes of each table, and its writes where they are stated."""
    text = (
        '{"b.t": {"rows": 7, "bytes": 8, "writes-per-second": 2}, "a.t": {"rows": 0, "bytes": 0}}'
    )
    assert read_sizes("s.json", text.encode()) == (Size("a.t", 0, 0), Size("b.t", 7, 8, 2.0))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "s.json:1: is not JSON"),
        ("\n\n{'a': 1}", "s.json:3: is not JSON"),
        ("[]", "must be an object of tables"),
        ('{"users": {"rows": 1, "bytes": 1}}', 'name tables as "schema.table"'),
        ('{"a.b": 5}', '"a.b" must be'),
        ('{"a.b": {"rows": 1}}', '"bytes" must be a whole number'),
        ('{"a.b": {"rows": -1, "bytes": 1}}', '"rows" must be a whole number'),
        ('{"a.b": {"rows": true, "bytes": 1}}', '"rows" must be a whole number'),
        ('{"a.b": {"rows": 1.5, "bytes": 1}}', '"rows" must be a whole number'),
        ('{"a.b": {"rows": 1, "bytes": 1, "writes": 2}}', 'no key "writes"'),
        ('{"a.b": {"rows": 1, "bytes": 1, "writes-per-second": "2"}}', "must be a number"),
        ('{"a.b": {"rows": 1, "bytes": 1, "writes-per-second": NaN}}', "NaN is no number"),
        ('{"a.b": {"rows": 1, "bytes": 1}, "a.b": {"rows": 2, "bytes": 1}}', "comes twice"),
        ("[" * 100_000, "s.json"),
        ("\xff", "s.json"),
    ],
)
def test_wrong_file_is_an_error_in_plain_words(text: str, said: str) -> None:
    """With its line where the parser tells it; never a traceback."""
    with pytest.raises(SettingsError, match=r"s\.json") as raised:
        read_sizes("s.json", text.encode("latin-1"))
    assert said in str(raised.value)


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr).map(str.encode)
)
def test_whatever_a_file_holds_is_sizes_or_an_error(data: bytes) -> None:
    """A file that anybody may have written."""
    with suppress(SettingsError):
        assert all(size.rows >= 0 for size in read_sizes("s.json", data))


def test_sizes_are_those_of_base(tree: Make) -> None:
    """A change that makes its tables small has no effect, unless base trusts it."""
    base, head = (tree(s__json=text) for text in (LARGE, STATS))
    found = production(Settings(table_stats="s.json"), base, head)
    assert found.large == {"public.users": Size("public.users", 50_000, 900)}
    trusting = production(Settings(table_stats="s.json", trust_head=True), base, head)
    assert trusting.large == {}


def test_file_that_comes_with_the_change_counts_later(tree: Make) -> None:
    """Until it is merged the tables count as large, and the report says so."""
    found = production(Settings(table_stats="s.json"), tree(), tree(s__json=STATS))
    assert (found.sizes, len(found.not_checked)) == ((), 1)
    with pytest.raises(SettingsError, match="no such file at base"):
        production(Settings(table_stats="s.json"), tree(), tree())


def test_queries_are_those_of_head_and_what_goes_is_told(tree: Make) -> None:
    """New ones and rewritten ones are marked; one that cannot be explained is named."""
    old = "-- name: a\nSELECT 1;\n-- name: b\nSELECT 2;\n-- name: gone\nSELECT 3;\n"
    new = "-- name: a\nSELECT 1;\n-- name: b\nSELECT :x;\n-- name: c\nDROP TABLE t;\n"
    base, head = (tree(q__sql=text) for text in (old, new))
    found = production(Settings(queries="q.sql"), base, head)
    assert [(item.name, item.line, item.sql, item.new) for item in found.queries] == [
        ("a", 1, "SELECT 1", False),
        ("b", 3, "SELECT $1", True),
    ]
    told = " ".join(item.what for item in found.not_checked)
    assert "the query c (q.sql:5)" in told
    assert "gone" in told
    with pytest.raises(SettingsError, match="no such file"):
        production(Settings(queries="q.sql"), tree(), tree())
