"""Which errors in a function's body are the upgrade's: decided from what was said of both sides."""

from __future__ import annotations

from itertools import product

import pytest

from bot.observe.branches import Body, Looked, Said, newly_wrong

PLAIN = "BEGIN RETURN (SELECT reference FROM orders); END"
OTHER = "BEGIN RETURN (SELECT max(reference) FROM orders); END"
GONE = Said("42703", 'column "reference" does not exist', 3, "RETURN")
NO_TABLE = Said("42P01", 'relation "found" does not exist', 5, "RETURN")
ELSEWHERE = Said("42703", 'column "amount" does not exist', 4, "RETURN")


def of(text: str, *said: Said, tables: tuple[str, ...] = ()) -> Looked:
    """One function, or one trigger function on those tables."""
    bodies = [Body("trigger", "public.f()", text, each, "t") for each in tables]
    bodies = bodies or [Body("function", "public.f()", text)]
    return {(body.kind, body.name): (body, frozenset(said)) for body in bodies}


def lines(before: Looked, after: Looked) -> list[int | None]:
    """Where what is found is wrong."""
    return [item.line for item in newly_wrong(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (of(PLAIN), of(PLAIN, GONE), [3]),
        (of(PLAIN), of(PLAIN, ELSEWHERE, GONE), [3]),
        (of(PLAIN), of(OTHER, GONE), [3]),
        (of(PLAIN, GONE), of(PLAIN, GONE), []),
        (of(PLAIN, NO_TABLE), of(PLAIN, NO_TABLE, GONE), [3]),
        (of(PLAIN, NO_TABLE), of(PLAIN, GONE), []),
        (of(PLAIN, ELSEWHERE), of(OTHER, GONE), []),
        (of(PLAIN), {}, []),
        ({}, of(PLAIN, GONE), []),
        (of(PLAIN), of(PLAIN, Said("42501", "permission denied", 3)), []),
        (of(PLAIN), of(PLAIN, NO_TABLE), [5]),
        (of(PLAIN), of(f"{OTHER} CREATE TABLE found", NO_TABLE), []),
        (of(PLAIN), of(f"{OTHER} EXECUTE made", NO_TABLE), []),
        (of(PLAIN), of(f"{OTHER} -- CREATE TABLE found", NO_TABLE), [5]),
        (of(PLAIN), of(f"{OTHER} CREATE TABLE found", GONE), [3]),
    ],
)
def test_what_is_new_is_told(before: Looked, after: Looked, expected: list[int | None]) -> None:
    """What was wrong already, what the body makes itself and what works with both is not."""
    assert lines(before, after) == expected


@pytest.mark.parametrize(
    "words",
    [
        "EXCEPTION WHEN undefined_column THEN NULL",
        "EXCEPTION WHEN Undefined_Table OR others THEN NULL",
        "EXCEPTION WHEN SQLSTATE '42703' THEN NULL",
        "IF EXISTS (SELECT FROM information_schema.columns) THEN",
        "IF to_regclass('orders') IS NULL THEN",
    ],
)
def test_body_that_knows_of_several_schemas_is_left_alone(words: str) -> None:
    """It catches the error or asks first; in a comment or a literal the words say nothing."""
    assert lines(of(words), of(words, GONE)) == []
    assert lines(of(f"-- {words}"), of(f"-- {words}", GONE)) == [3]


def test_body_that_catches_everything_is_told() -> None:
    """Its author did not expect a column to be missing: what it should do it does no more."""
    text = "EXCEPTION WHEN others THEN RETURN NULL"
    assert lines(of(text), of(text, GONE)) == [3]


@pytest.mark.parametrize("wrong", tuple(product((True, False), repeat=2)))
def test_shared_trigger_function_is_told_where_all_its_tables_say_so(
    wrong: tuple[bool, bool],
) -> None:
    """On one of them alone the line may be a branch for the others."""
    names = ("public.orders", "public.customers")
    after: dict[tuple[str, str], tuple[Body, frozenset[Said]]] = {}
    for name, said in zip(names, wrong, strict=True):
        after |= of(PLAIN, *((GONE,) if said else ()), tables=(name,))
    assert len(lines(of(PLAIN, tables=names), after)) == (2 if all(wrong) else 0)
