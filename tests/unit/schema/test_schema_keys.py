"""Keys, indexes and partitions of new tables: what the miniature pull requests do not reach."""

from __future__ import annotations

from dataclasses import replace

from bot.facts.data_types import DataType
from bot.facts.relation import Constraint
from bot.facts.schema import Partitioning, Schema
from bot.policy import Options
from tests.unit.schema.schemas import BIGINT, column, foreign, index, key, table
from tests.unit.schema.test_schema_policies import said, seen


def test_too_many_indexes_are_told_where_the_last_of_them_is_made() -> None:
    """Not where the table was created, nor where something else was added to it."""
    had = table("notes", column("a"), column("b"), index("one", "a"))
    has = replace(had, indexes=(*had.indexes, index("late", "a"), index("two", "b")))
    facts = seen(
        Schema((had,)),
        Schema((has,)),
        "CREATE INDEX two ON notes (b)",
        "CREATE INDEX late ON notes (a)",
        "ALTER TABLE notes ADD CONSTRAINT short CHECK (length(a) < 9)",
    )
    options = Options(policy={"index-on-every-column": {"max-indexes": 1}})
    assert [item.line for item in said("index-on-every-column", facts, options)] == [12]


def test_indexes_that_foreign_keys_need_are_not_too_many() -> None:
    """An association of many has one for each of its sides, and should."""
    names = [f"{letter}_id" for letter in "abcdef"]
    notes = table(
        "notes",
        *(column(name, BIGINT) for name in names),
        *(index(f"ix_{name}", name) for name in names),
    )
    bound = replace(notes, constraints=tuple(foreign(f"fk_{n}", "public.x", n) for n in names))
    told = [
        len(said("index-on-every-column", seen(Schema(), Schema((each,)))))
        for each in (notes, bound)
    ]
    assert told == [1, 0]


def test_partitions_that_end_as_before_are_not_this_changes() -> None:
    """One was detached, and the end is where it was; a new one that ends soon is told."""
    whole = table(
        "visits", column("day"), partitioning=Partitioning("range", "RANGE (day)", ("day",))
    )
    parts = [
        replace(
            table(f"visits_{year}"),
            partition_of="public.visits",
            bound=f"FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')",
        )
        for year in (2023, 2024, 2025)
    ]
    detached = seen(Schema((whole, *parts)), Schema((whole, *parts[1:])))
    attached = seen(Schema((whole, *parts[:2])), Schema((whole, *parts)))
    dropped = seen(Schema((whole, *parts)), Schema((whole, *parts[:2])))
    told = [len(said("partitions-end-soon", each)) for each in (detached, attached, dropped)]
    assert told == [0, 1, 1]


def test_a_key_of_several_columns_is_found_by_the_parents_own() -> None:
    """By the parent's key its rows are found; by the tenant alone all of the tenant's."""
    people = table("people", column("tenant_id"), column("id", BIGINT), key("id"))
    tied = Constraint(
        "fk",
        "foreign key",
        ("tenant_id", "person_id"),
        "",
        references="public.people",
        referenced=("tenant_id", "id"),
    )
    notes = table("notes", column("tenant_id"), column("person_id", BIGINT), tied)
    told = []
    for of in ("person_id", "tenant_id"):
        has = replace(notes, indexes=(index("one", of),))
        told.append(said("unindexed-foreign-key", seen(Schema((people,)), Schema((people, has)))))
    assert told[0] == []
    assert [item.title for item in told[1]] == [
        "`tenant_id` and `person_id` of `public.notes` refer to `public.people` without an index"
    ]


def test_a_unique_that_holds_the_primary_key_is_no_rule_for_rows() -> None:
    """Foreign keys with the tenant refer to it; deleted rows take nothing away from others."""
    parts = (
        column("id", BIGINT),
        column("tenant_id"),
        column("email"),
        column("is_deleted", DataType("boolean", "boolean", category="B")),
        key("id"),
    )
    counts = [
        len(
            said(
                "unique-ignores-soft-delete",
                seen(Schema(), Schema((table("notes", *parts, made),))),
            )
        )
        for made in (
            index("held", "tenant_id", "id", unique=True),
            index("rule", "tenant_id", "email", unique=True),
        )
    ]
    assert counts == [0, 1]


def test_a_second_key_to_the_same_parent_adds_a_word() -> None:
    """The name by the standard is taken; where it is free it is asked for."""
    people = table("people", column("id", BIGINT), key("id"))
    first = foreign("fk_notes_people", "public.people", "author_id")
    second = foreign("fk_notes_people_reader", "public.people", "reader_id")
    columns = (column("author_id", BIGINT), column("reader_id", BIGINT))
    told = [
        [
            item.subject
            for item in said("off-convention-name", seen(Schema((people,)), Schema((people, has))))
        ]
        for has in (table("notes", *columns, first, second), table("notes", *columns, second))
    ]
    assert told == [[], ["public.notes: fk_notes_people_reader"]]
