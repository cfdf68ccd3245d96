"""What the new schema takes and the old one does not, and which rows try it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts.data_types import DataType, EnumType
from bot.facts.relation import Constraint
from bot.facts.rows import Trait
from bot.facts.schema import Column, Schema, Table
from bot.observe.rows.loosened import loosened, order_of, without

TEXT = DataType("text", "text")
SHORT = DataType("character varying(5)", "character varying", length=5)
LONGER = replace(SHORT, name="character varying(9)", length=9)
SMALL, LARGE = DataType("integer", "integer"), DataType("bigint", "bigint")
MOOD = DataType("public.mood", "public.mood", kind="enum")
UNIQUE = Constraint("uq", "unique", ("c",), "UNIQUE (c)")
LOW = Constraint("ck", "check", ("c",), "CHECK ((c > 0))")
LOWER = Constraint("ck", "check", ("c",), "CHECK ((c > '-9'::integer))")
NAME = "public.t"
C = (NAME, "c")


def schema(
    kind: DataType, *constraints: Constraint, nullable: bool = False, labels: tuple[str, ...] = ()
) -> Schema:
    """One table with one column of that type."""
    column = Column("c", 1, kind, nullable=nullable)
    table = Table("public", "t", columns=(column,), constraints=constraints)
    return Schema(tables=(table,), enums=(EnumType("public.mood", labels),) if labels else ())


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (schema(TEXT), schema(TEXT), set()),
        (schema(TEXT), schema(TEXT, nullable=True), {Trait.NULLS}),
        (schema(TEXT, nullable=True), schema(TEXT), set()),
        (schema(SHORT), schema(LONGER), {Trait.LONG, Trait.EXTREMES}),
        (schema(SHORT), schema(TEXT), {Trait.LONG, Trait.EXTREMES}),
        (schema(LONGER), schema(SHORT), set()),
        (schema(SMALL), schema(LARGE), {Trait.LONG, Trait.EXTREMES}),
        (schema(LARGE), schema(SMALL), set()),
        (schema(MOOD, labels=("ok",)), schema(MOOD, labels=("ok", "sad")), {Trait.DROPPED}),
        (schema(MOOD, labels=("ok", "sad")), schema(MOOD, labels=("ok",)), set()),
        (schema(SMALL, UNIQUE), schema(SMALL), {Trait.DUPLICATES}),
        (schema(SMALL), schema(SMALL, UNIQUE), set()),
        (schema(SMALL), schema(SMALL, LOW), set()),
    ],
)
def test_what_a_column_takes_besides(base: Schema, head: Schema, expected: set[Trait]) -> None:
    """What became stricter, or is as it was, is none of it."""
    found = loosened(base, head, [NAME])
    assert found == ({C: frozenset(expected)} if expected else {})


@pytest.mark.parametrize("head", [schema(SMALL), schema(SMALL, LOWER)])
def test_a_check_that_is_gone_or_another_may_let_anything_in(head: Schema) -> None:
    """Whether the old one bears it is for the database to say: all kinds of values are tried."""
    (traits,) = loosened(schema(SMALL, LOW), head, [NAME]).values()
    assert {Trait.EXTREMES, Trait.EMPTY, Trait.LONG, Trait.DROPPED} <= traits


def test_tables_and_columns_of_one_side_are_left_alone() -> None:
    """A new table has no old schema; what has a partition more has no place for its rows."""
    head = schema(TEXT, nullable=True)
    more = replace(head.tables[0], name="u")
    part = replace(head.tables[0], name="p", partition_of="public.t")
    assert loosened(schema(TEXT), replace(head, tables=(more,)), [NAME]) == {}
    assert loosened(schema(TEXT), replace(head, tables=(*head.tables, part)), [NAME]) == {}


def test_what_the_change_did_not_touch_is_not_compared() -> None:
    """A schema may have hundreds of tables."""
    assert loosened(schema(TEXT), schema(TEXT, nullable=True), []) == {}


def test_only_what_is_loosened_is_odd() -> None:
    """So that a refusal can come from nothing else; parents get ordinary rows, and few."""
    parent = Table("public", "p", columns=(Column("id", 1, SMALL, nullable=False),))
    key = Constraint("fk", "foreign key", ("d",), "", references="public.p", referenced=("id",))
    other = Column("d", 2, SMALL, nullable=True)
    (child,) = schema(TEXT, nullable=True).tables
    head = Schema(
        tables=(parent, replace(child, columns=(*child.columns, other), constraints=(key,)))
    )
    order = order_of({C: frozenset({Trait.NULLS})}, schema(TEXT), head)
    assert (set(order.tables), set(order.far)) == ({"public.p", "public.t"}, {"public.p"})
    assert order.traits == {Trait.NULLS}
    assert order.spared == {("public.t", "d", Trait.NULLS), ("public.p", "id", Trait.NULLS)}


def test_what_is_known_is_not_tried_again() -> None:
    """A column that lost its CHECK has been refused for whatever value it was."""
    wanted = {
        C: frozenset({Trait.NULLS, Trait.DROPPED, Trait.EMPTY}),
        ("public.u", "c"): frozenset({Trait.NULLS}),
    }
    left = without(wanted, [C], Trait.DROPPED)
    assert left == {C: frozenset({Trait.NULLS}), ("public.u", "c"): frozenset({Trait.NULLS})}
    assert without(left, [C], Trait.NULLS) == {("public.u", "c"): frozenset({Trait.NULLS})}
