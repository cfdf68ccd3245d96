"""What JSON is made to look like: by constraints, defaults, the upgrade and the models."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts.data_types import DataType
from bot.facts.models import ModelColumn, Models, ModelTable
from bot.facts.relation import Constraint
from bot.facts.rows import Trait
from bot.facts.schema import Column, Schema, Table
from bot.observe.rows.json_looks import looks
from bot.observe.rows.json_shape import Json, made
from bot.observe.rows.odd import odd
from bot.observe.rows.plan import Planned, plan_table
from bot.observe.rows.values import Values

PLACE = ("public.t", "c")
JSONB = DataType("jsonb", "jsonb")
TAKEN_APART = "SELECT jsonb_array_elements(c) FROM t"


def schema(default: str | None = None, check: str | None = None) -> Schema:
    """A table with one column of JSON."""
    checks = (Constraint("ck", "check", ("c",), f"CHECK ({check})"),) if check else ()
    column = Column("c", 1, JSONB, default=default)
    return Schema(tables=(Table("public", "t", columns=(column,), constraints=checks),))


def models(default: str | None = None, annotation: str | None = None) -> Models:
    """A model of that table."""
    column = ModelColumn("c", default=default, annotation=annotation)
    return Models(tables=(ModelTable("public.t", (column,)),))


def planned(base: Schema, *statements: str, head: Schema | None = None) -> Planned:
    """The column's plan."""
    head = head or base
    values = Values(base, head, looks=looks(base, statements, None))
    [column] = plan_table(base.tables[0], base, head, values).columns
    return column


def ordinary(column: Planned, row: int = 3) -> object:
    """The value of a row, read as JSON."""
    base = schema()
    text = Values(base, base)("c", column.type, column.rule, row)
    assert text is not None
    return json.loads(text)


def strange(column: Planned) -> set[str]:
    """The odd values that it may have."""
    assert column.odd is not None
    return set(odd("c", *column.odd, frozenset({Trait.EMPTY})))


@pytest.mark.parametrize(
    ("base", "statements", "kind", "oddities"),
    [
        (schema(), (), dict, {"{}", "[]", "null"}),
        (schema("'[]'::jsonb"), (), list, {"[]"}),
        (schema("'{}'::jsonb"), (TAKEN_APART,), dict, {"{}"}),
        (schema("jsonb_build_array()"), (), list, {"[]"}),
        (schema(None, "(jsonb_typeof(c) = 'array'::text)"), (), list, {"[]"}),
        (schema("'{}'::jsonb", "(jsonb_typeof(c) = 'array'::text)"), (), list, {"[]"}),
        (schema(None, "(jsonb_array_length(c) > 2)"), (), list, set()),
        (schema(None, "(jsonb_typeof(c) = 'number'::text)"), (), int, set()),
        (schema(), (TAKEN_APART,), list, {"[]"}),
        (schema(), ("SELECT c->>'x' FROM t",), dict, {"{}"}),
        (schema(), ("SELECT c->>'x' FROM other",), dict, {"{}", "[]", "null"}),
    ],
)
def test_constraint_goes_before_default_and_default_before_the_upgrade(
    base: Schema, statements: tuple[str, ...], kind: type, oddities: set[str]
) -> None:
    """What base's own rows are bound to is no guess."""
    column = planned(base, *statements)
    assert type(ordinary(column)) is kind
    assert strange(column) == oddities


def test_constraint_of_head_binds_ordinary_rows_alone() -> None:
    """That base allows other kinds is what odd rows are for."""
    head = schema(None, "(jsonb_typeof(c) = 'array'::text)")
    column = planned(schema(), head=head)
    assert strange(column) == {"{}", "[]", "null"}


def test_members_are_of_the_types_that_they_are_cast_to() -> None:
    """A value that no cast takes would be a failure of our own making."""
    sql = """SELECT (c->>'n1')::numeric, (c->>'day')::date, (c->>'id')::uuid, (c->>'on')::boolean,
        (c->>'who')::text, (c->>'far')::text::int, (c->>'mood')::mood, c->'lines'->0->>'sku'
        FROM t"""
    found = ordinary(planned(schema(), sql))
    assert isinstance(found, dict)
    assert (found["n1"], found["on"], found["far"]) == (3, False, 3)
    assert found["day"].startswith("2024-")
    assert len(found["id"]) == 36
    assert isinstance(found["lines"][0]["sku"], str)
    assert "mood" not in found  # nothing is known of that type


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT jsonb_array_length(c), jsonb_object_keys(c) FROM t",
        "SELECT CASE WHEN jsonb_typeof(c) = 'array' THEN jsonb_array_length(c) END FROM t",
    ],
)
def test_nothing_is_taken_where_the_upgrade_leaves_it_open(statement: str) -> None:
    """It takes the column for several kinds, or asks first: what the model says remains."""
    assert looks(schema(), (statement,), None) == {}
    assert looks(schema(), (statement,), models("callable builtins.list")) == {PLACE: Json("array")}


def test_column_that_two_tables_have_is_nobody_s() -> None:
    """The statement does not say whose it is."""
    first = schema()
    second = Table("public", "s", columns=first.tables[0].columns)
    both = Schema(tables=(*first.tables, second))
    sql = TAKEN_APART.replace("FROM t", "FROM t, s")
    assert looks(both, (sql,), None) == {}
    assert looks(both, (sql.replace("(c)", "(t.c)"),), None) == {PLACE: Json("array")}


@pytest.mark.parametrize(
    ("default", "annotation", "expected"),
    [
        ("callable builtins.list", None, Json("array")),
        ("callable builtins.list", "Mapped[list[int] | None]", Json("array", item=Json("number"))),
        ("callable builtins.dict", "Mapped[dict[str, Any]]", Json("object")),
        ("callable shop.models.fresh", None, None),
        (None, "Mapped[Optional[List[str]]]", Json("array", item=Json("text"))),
        (None, "Mapped[list[str] | dict[str, str]]", None),
        (None, "Mapped[str]", None),
        (None, "Mapped[", None),
        (None, None, None),
    ],
)
def test_models_tell_by_default_and_annotation(
    default: str | None, annotation: str | None, expected: Json | None
) -> None:
    """Only lists and objects: a column of JSON that is called a text may be anything."""
    assert looks(schema(), (), models(default, annotation)).get(PLACE) == expected


def test_what_the_upgrade_insists_on_goes_before_the_model() -> None:
    """The model may be a new one, and the upgrade what brings the rows to it."""
    new = models("callable builtins.dict")
    assert looks(schema(), (TAKEN_APART,), new)[PLACE].kind == "array"
    assert looks(schema(), ("SELECT c->0 FROM t",), new)[PLACE].kind == "object"


LOOKS = st.recursive(
    st.sampled_from(["text", "number", "boolean", "uuid", "date", "null", ""]).map(Json),
    lambda inner: (
        st.builds(
            Json,
            st.just("object"),
            st.lists(st.tuples(st.text(max_size=3), inner), max_size=3).map(tuple),
        )
        | st.builds(lambda item: Json("array", item=item), inner)
    ),
    max_leaves=20,
)


@given(LOOKS, st.integers(0, 5000))
def test_every_look_makes_json(look: Json, number: int) -> None:
    """And a list is one, whatever is in it."""
    value = json.loads(made(look, 'col"umn', number))
    assert isinstance(value, list) == (look.kind == "array")
