"""What statements take JSON for, by their parse trees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sql.json_uses import ITEM, Step, json_uses


def paths(sql: str) -> dict[tuple[str, tuple[Step, ...]], set[str]]:
    """The kinds that are said of each place, those that say nothing left out."""
    found: dict[tuple[str, tuple[Step, ...]], set[str]] = {}
    for use in json_uses(sql):
        found.setdefault((use.column, use.path), set()).update({use.kind} - {""})
    return found


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "SELECT tag FROM p, jsonb_array_elements_text(tags) AS tag",
            {("tags", ()): {"array"}, ("tags", (ITEM,)): {"text"}},
        ),
        (
            "SELECT (e->>'n')::int FROM p, json_array_elements(p.parts) AS e",
            {("parts", ()): {"array"}, ("parts", (ITEM, "n")): {"int4"}},
        ),
        (
            "SELECT e.value->>'n' FROM p, jsonb_array_elements(parts) e",
            {("parts", ()): {"array"}, ("parts", (ITEM, "n")): set()},
        ),
        (
            "SELECT v->>'n' FROM (SELECT jsonb_array_elements(parts) AS v FROM p) q",
            {("parts", ()): {"array"}, ("parts", (ITEM, "n")): set()},
        ),
        (
            "SELECT jsonb_array_elements(d->'sizes') FROM p",
            {("d", ("sizes",)): {"array"}},
        ),
        ("UPDATE p SET c = (codes->>0)::integer", {("codes", (ITEM,)): {"int4"}}),
        ("SELECT d #>> '{a,0,b}' FROM p", {("d", ("a", ITEM, "b")): set()}),
        ("SELECT d['a']['b'] FROM p", {("d", ("a", "b")): set()}),
        ("SELECT jsonb_object_keys(d) FROM p", {("d", ()): {"object"}}),
        (
            "SELECT * FROM p, jsonb_populate_recordset(NULL::t, d)",
            {("d", ()): {"array"}, ("d", (ITEM,)): {"object"}},
        ),
        ("SELECT a - b, array_length(c, 1), x::int FROM p", {}),
        ("SELECT d -> lower(k) FROM p", {}),
        ("not sql at all (", {}),
    ],
)
def test_places_and_kinds(sql: str, expected: dict[tuple[str, tuple[Step, ...]], set[str]]) -> None:
    """Through aliases, casts, paths, subscripts and sub-selects."""
    assert paths(sql) == expected


def test_functions_insist_and_operators_do_not() -> None:
    """``->`` gives NULL for what is not there; functions refuse another kind."""
    strict = [use.strict for use in json_uses("SELECT jsonb_each(a), b->'x' FROM p")]
    assert strict == [True, False]


def test_column_is_of_the_table_that_it_is_qualified_with() -> None:
    """By its alias; else any table of the statement may have it."""
    sql = "SELECT q.tags->0, tags->1 FROM p JOIN s.things q ON true"
    found = {tuple(name.sql for name in use.tables) for use in json_uses(sql)}
    assert found == {("s.things",), ("p", "s.things")}


def test_statement_that_asks_for_the_kind_says_so() -> None:
    """It is made for several kinds."""
    uses = json_uses(
        "SELECT CASE WHEN jsonb_typeof(t) = 'array' THEN jsonb_array_length(t) END FROM p"
    )
    assert any(use.asked for use in uses)
    check = "ALTER TABLE p ADD CHECK (jsonb_typeof(t) = 'array')"
    assert not any(use.asked for use in json_uses(check))


@given(st.text(alphabet="selct jsonb_ay()->'[]#,.:0{}fromp*", max_size=60))
def test_no_text_is_too_strange(sql: str) -> None:
    """Statements come from a stranger."""
    json_uses(sql)
