"""Which columns ordinary rows cannot speak for, and what is told of them besides."""

from __future__ import annotations

import pytest

from bot.facts.data_types import DataType, EnumType
from bot.facts.relation import Constraint
from bot.facts.rows import Loss
from bot.facts.schema import Column, Schema, Table
from bot.observe.rows.fill import Order
from bot.observe.rows.tamed import tamed, told

NAME = "public.t"


def kind(base: str, length: int | None = None, **more: object) -> DataType:
    """A type by its parts."""
    return DataType(base, base, length=length, **more)  # type: ignore[arg-type]  # of a test's choice


def digits(precision: int, scale: int) -> DataType:
    """A numeric type."""
    return kind("numeric", precision=precision, scale=scale)


def schema(found: DataType, *labels: str, listed: str | None = None) -> Schema:
    """One table with one column of that type, an enum of these labels, and perhaps a CHECK."""
    check = (Constraint("ck", "check", ("c",), f"CHECK {listed}"),) if listed else ()
    table = Table("public", "t", columns=(Column("c", 1, found),), constraints=check)
    return Schema(tables=(table,), enums=(EnumType("public.mood", labels),) if labels else ())


TEXT, MOOD = kind("text"), kind("public.mood", kind="enum")
LISTED = "((c = ANY (ARRAY['a'::text, 'b'::text])))"


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (schema(TEXT), schema(kind("character varying", 5)), {"c": False}),
        (schema(kind("character varying", 5)), schema(TEXT), {}),
        (schema(kind("bigint")), schema(kind("integer")), {"c": False}),
        (schema(kind("integer")), schema(kind("bigint")), {}),
        (schema(digits(10, 2)), schema(digits(10, 1)), {"c": False}),
        (schema(digits(10, 2)), schema(digits(9, 2)), {"c": False}),
        (schema(digits(10, 2)), schema(digits(12, 3)), {}),
        (schema(kind("numeric")), schema(digits(12, 3)), {"c": False}),
        (schema(TEXT), schema(kind("jsonb")), {}),
        (schema(MOOD, "sad", "ok"), schema(MOOD, "ok"), {"c": True}),
        (schema(MOOD, "ok"), schema(MOOD, "ok", "sad"), {}),
        (schema(MOOD, "ok"), schema(TEXT), {}),
        (schema(TEXT, listed=LISTED), schema(TEXT, listed="((c = 'a'::text))"), {"c": True}),
        (schema(TEXT, listed="((c = 'a'::text))"), schema(TEXT, listed=LISTED), {}),
    ],
)
def test_columns_that_lose_room_or_values(
    base: Schema, head: Schema, expected: dict[str, bool]
) -> None:
    """Shorter texts, smaller numbers, fewer labels; what grows or becomes another kind is none."""
    found = tamed(Order(base, head, (NAME,), 10))
    assert found == ({NAME: expected} if expected else {})


def test_only_such_columns_are_told_and_only_once() -> None:
    """What ordinary rows lost already is known; what odd rows lose elsewhere is no finding."""
    columns = {NAME: {"c": False}}
    lost = Loss(NAME, 4, ("c",), before="long", after="l")
    (found,) = told([lost], [], columns)
    assert (found.columns, found.odd, found.before) == (("c",), True, "long")
    assert not list(told([lost], [Loss(NAME, 9, ("c",))], columns))
    assert not list(told([Loss(NAME, 4, ("d",))], [], columns))
    assert not list(told([Loss("public.other", 4, ("c",))], [], columns))
    (both,) = told([Loss(NAME, 4, ("d", "c"), before="x", after="y")], [], columns)
    assert (both.columns, both.before) == (("c",), None)
    gone = Loss(NAME, 2, gone=2)
    assert [item.odd for item in told([gone], [], columns)] == [True]
    assert not list(told([gone], [gone], columns))
