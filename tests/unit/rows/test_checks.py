"""CHECK constraints as rules: what is understood, and that values made by the rules obey them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts.data_types import DataType
from bot.facts.schema import Schema
from bot.observe.rows.checks import choices
from bot.observe.rows.expression import columns, read
from bot.observe.rows.json_shape import Json
from bot.observe.rows.rule import ANYTHING, Rule, together
from bot.observe.rows.tokens import Unreadable, literals, with_value
from bot.observe.rows.values import Values

INTEGER = DataType("integer", "integer", category="N")
TEXT = DataType("text", "text", category="S")

# As pg_get_constraintdef prints them: what one way of satisfying them demands of a column.
UNDERSTOOD = {
    "CHECK ((jsonb_typeof(data) = 'object'::text))": {"data": Rule(look=Json("object"))},
    "CHECK ((jsonb_array_length(data) >= 1))": {"data": Rule(look=Json("array", least=1))},
    "CHECK ((price > (0)::numeric))": {"price": Rule(low=("0", False))},
    "CHECK ((0 < price))": {"price": Rule(low=("0", False))},
    "CHECK (((p >= (0)::double precision) AND (p <= (1)::double precision)))": {
        "p": Rule(low=("0", True), high=("1", True))
    },
    "CHECK ((NOT (p < 5)))": {"p": Rule(low=("5", True))},
    "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))": {
        "s": Rule(allowed=("a", "b"))
    },
    "CHECK ((s = ANY ('{a,b}'::text[])))": {"s": Rule(allowed=("a", "b"))},
    "CHECK ((s <> ALL (ARRAY['x'::text])))": {"s": Rule(excluded=frozenset({"x"}))},
    "CHECK ((char_length((s)::text) >= 3)) NOT VALID": {"s": Rule(shortest=3)},
    "CHECK ((length(s) < 3))": {"s": Rule(longest=2)},
    "CHECK ((s ~ '^[a-z]+$'::text))": {"s": Rule(patterns=("^[a-z]+$",))},
    r"CHECK ((s ~ E'^\\d{2}$'::text))": {"s": Rule(patterns=(r"^\d{2}$",))},
    r"CHECK ((s ~~ 'x\_%'::text))": {"s": Rule(patterns=(r"^x\_.*$",))},
    "CHECK ((s IS NOT NULL))": {"s": Rule(null=False)},
    "CHECK (((s IS NULL) OR (s <> ''::text)))": {"s": Rule(excluded=frozenset({""}))},
    "CHECK (((a AND (NOT b)) IS TRUE))": {
        "a": Rule(allowed=("true",)),
        "b": Rule(allowed=("false",)),
    },
    "CHECK ((at > '2020-01-01 00:00:00+00'::timestamp with time zone))": {
        "at": Rule(low=("2020-01-01 00:00:00+00", False))
    },
    'CHECK (("Odd ""name" > \'-5\'::integer))': {'Odd "name': Rule(low=("-5", False))},
}


@pytest.mark.parametrize("definition", UNDERSTOOD)
def test_common_shapes_become_rules(definition: str) -> None:
    """The first way to satisfy the constraint demands just that of its columns."""
    first = choices(definition)[0]
    assert first.rules == UNDERSTOOD[definition]
    assert not first.opaque


@pytest.mark.parametrize(
    ("definition", "ways"),
    [
        ("CHECK (((a IS NULL) = (b IS NULL)))", [(False, False), (True, True)]),
        ("CHECK (((a IS NOT NULL) <> (b IS NOT NULL)))", [(True, False), (False, True)]),
        ("CHECK ((num_nonnulls(a, b) = 1))", [(False, True), (True, False)]),
        ("CHECK ((num_nulls(a, b) >= 1))", [(True, False), (False, True), (True, True)]),
        (
            "CHECK (((((a IS NOT NULL))::integer + ((b IS NOT NULL))::integer) = 1))",
            [(False, True), (True, False)],
        ),
    ],
)
def test_counted_nulls_become_one_way_each(definition: str, ways: list[tuple[bool, bool]]) -> None:
    """Exactly one, all or none of several columns: every such row is made."""
    found = [(way.rules["a"].null, way.rules["b"].null) for way in choices(definition)]
    assert sorted(found) == sorted(ways)


def test_related_columns_are_ordered_or_alike() -> None:
    """A column compared with another is no rule of its own."""
    (less,) = choices("CHECK ((starts < ends))")
    (same,) = choices("CHECK ((a = b))")
    assert (less.ordered, same.equal) == ((("starts", "ends"),), (("a", "b"),))


@pytest.mark.parametrize(
    "definition",
    [
        "CHECK ((data ? 'kind'::text))",
        "CHECK (((n % 2) = 0))",
        "CHECK (CASE WHEN (a = 1) THEN true ELSE false END)",
        "CHECK ((lower(email) = email))",
        "nonsense (((",
        "CHECK (" + "(" * 300 + "a" + ")" * 300 + ")",
        "CHECK (" + "NOT " * 3000 + "a)",
    ],
)
def test_what_is_not_understood_is_left_to_the_server(definition: str) -> None:
    """There is always one way, and it says that something was not understood."""
    assert [way.opaque for way in choices(definition)] == [True]


def test_contradicting_constraints_are_left_to_the_server() -> None:
    """No way at all would make no row at all: one is tried nevertheless."""
    found = together([choices("CHECK ((a = 'x'))"), choices("CHECK ((a = 'y'))")])
    assert found
    assert all(way.opaque for way in found)


@given(st.text(alphabet="()'\"ab01 <>=~:,.[]ANDORNT\\%", max_size=60))
def test_no_text_stops_the_reader(text: str) -> None:
    """Whatever stands there, it is read or said to be unreadable."""
    literals(text)
    with_value(text, "x")
    try:
        columns(read(text))
    except Unreadable:
        return


def test_value_is_replaced_outside_of_texts() -> None:
    """A domain's VALUE becomes a column; a text that says VALUE stays."""
    definition = "CHECK (((VALUE)::text <> 'VALUE'::text))"
    assert with_value(definition, "v") == "CHECK (((v)::text <> 'VALUE'::text))"


@dataclass(frozen=True)
class Condition:
    """A condition on n (an integer) and t (a text), as PostgreSQL prints it and as Python does."""

    sql: str
    python: str

    def holds(self, row: Mapping[str, object]) -> bool:
        """Whether the row fulfils it."""
        return bool(eval(self.python, {}, dict(row)))  # noqa: S307 - made below


NUMBERS = st.integers(-1000, 1000)
WORDS = st.text(alphabet="abcxyz", min_size=1, max_size=6)


@st.composite
def simple(draw: st.DrawFn) -> Condition:
    """One comparison."""
    number, word = draw(NUMBERS), draw(WORDS)
    words = draw(st.lists(WORDS, min_size=1, max_size=4, unique=True))
    listed = ", ".join(f"'{item}'::text" for item in words)
    length = draw(st.integers(0, 20))
    return draw(
        st.sampled_from(
            [
                Condition(f"(n > '{number}'::integer)", f"n > {number}"),
                Condition(f"(n <= '{number}'::integer)", f"n <= {number}"),
                Condition(f"(n <> '{number}'::integer)", f"n != {number}"),
                Condition(
                    f"((n >= '{number}'::integer) AND (n <= '{number + 7}'::integer))",
                    f"{number} <= n <= {number + 7}",
                ),
                Condition(f"(t = ANY (ARRAY[{listed}]))", f"t in {words!r}"),
                Condition(f"(t <> '{word}'::text)", f"t != {word!r}"),
                Condition(f"(char_length(t) >= {length})", f"len(t) >= {length}"),
                Condition(f"(length(t) <= {length + 1})", f"len(t) <= {length + 1}"),
                Condition(f"(t ~~ '{word}%'::text)", f"t.startswith({word!r})"),
                Condition(f"(t ~ '^[{word}]+$'::text)", f"set(t) <= set({word!r}) and t"),
            ]
        )
    )


@given(st.lists(simple(), min_size=1, max_size=3), st.sampled_from(("AND", "OR")))
@settings(max_examples=300, deadline=None)
def test_values_made_by_the_rules_obey_the_constraint(
    conditions: list[Condition], joint: str
) -> None:
    """Whatever is understood and not contradictory is obeyed by every row that is made.

    Several patterns for one text are beyond the rules; the server has the last word on those.
    """
    definition = f"CHECK (({f' {joint} '.join(item.sql for item in conditions)}))"
    values = Values(Schema(), Schema())
    for way in choices(definition):
        rules = {name: way.rules.get(name, ANYTHING) for name in ("n", "t")}
        if way.opaque or not _possible(rules["n"]) or _beyond(rules["t"]):
            continue
        for row in (0, 1, 57):
            number = values("n", INTEGER, rules["n"], row)
            text = values("t", TEXT, rules["t"], row)
            assert number is not None
            made = {"n": int(Decimal(number)), "t": text}
            test = any if joint == "OR" else all
            assert test(item.holds(made) for item in conditions), (definition, made)


def _possible(rule: Rule) -> bool:
    """Whether some number obeys it beside the excluded ones."""
    if rule.low is None or rule.high is None:
        return True
    low, high = (
        int(bound[0]) + (0 if bound[1] else step)
        for bound, step in ((rule.low, 1), (rule.high, -1))
    )
    return len(set(range(low, high + 1)) - {int(item) for item in rule.excluded}) > 8


def _beyond(rule: Rule) -> bool:
    lengths = rule.shortest > 0 or rule.longest is not None
    listed = rule.allowed is not None and (lengths or bool(rule.patterns))
    return (
        listed
        or len(rule.patterns) > 1
        or (bool(rule.patterns) and lengths)
        or (rule.longest is not None and rule.shortest > rule.longest)
    )
