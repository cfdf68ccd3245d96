"""What counts as new in head's schema, and where it was made."""

from __future__ import annotations

from dataclasses import replace

from bot.explain.schema.new_objects import (
    New,
    changes,
    new_columns,
    new_constraints,
    new_indexes,
    new_tables,
    touched_tables,
)
from bot.explain.schema.origin import column_made, constraint_made, index_made, table_made
from bot.facts.schema import Column, Schema
from tests.unit.schema.schemas import BIGINT, PATH, column, foreign, index, key, project, table

ORDERS = table("orders", column("id", BIGINT), key("id"), index("ix_orders_id", "id"))


def test_nothing_is_new_where_schemas_were_not_observed() -> None:
    """Unobserved is not absent: nobody is blamed for it."""
    seen = replace(project((), (ORDERS,)), schema=None)
    assert changes(seen).tables == ()


def test_a_table_that_may_not_have_been_read_is_not_new() -> None:
    """Beyond the limit of what was read, a table that is not found may be there."""
    seen = project((), (ORDERS,))
    assert new_tables(seen) == (ORDERS,)
    assert new_tables(replace(seen, base_schema=Schema(unread=1))) == ()


def test_equal_schemas_have_nothing_new() -> None:
    """Also when they are not one object, as after reading a facts file."""
    seen = project((ORDERS,), (replace(ORDERS),))
    assert touched_tables(seen) == ()


def test_renamed_objects_are_not_new() -> None:
    """Table, column, constraint and index keep what they were."""
    old = table(
        "orders",
        column("id", BIGINT),
        column("buyer", BIGINT),
        key("id", name="pk_orders"),
        foreign("fk_orders", "public.people", "buyer"),
        index("ix_orders", "buyer"),
    )
    new = table(
        "sales",
        column("id", BIGINT),
        column("customer", BIGINT),
        key("id", name="pk_sales"),
        foreign("fk_orders", "public.people", "customer"),
        index("ix_sales", "customer"),
    )
    seen = project(
        (old,),
        (new,),
        "ALTER TABLE orders RENAME TO sales",
        "ALTER TABLE sales RENAME COLUMN buyer TO customer",
        "ALTER TABLE sales RENAME CONSTRAINT pk_orders TO pk_sales",
        "ALTER INDEX ix_orders RENAME TO ix_sales",
    )
    assert new_tables(seen) == ()
    assert new_columns(seen) == ()
    assert new_constraints(seen, "primary key") == new_constraints(seen, "foreign key") == ()
    assert new_indexes(seen) == ()


def test_a_name_that_was_swapped_is_told_from_the_one_it_replaced() -> None:
    """The table of the old name is new when another was renamed away from it."""
    seen = project(
        (ORDERS,),
        (ORDERS, replace(ORDERS, name="orders_old")),
        "ALTER TABLE orders RENAME TO orders_old",
        "CREATE TABLE orders (id bigint)",
    )
    assert [item.full_name for item in new_tables(seen)] == ["public.orders"]


def test_an_altered_column_comes_with_what_it_was() -> None:
    """A policy asks whether the fault is new, not whether the column is."""
    before = table("orders", column("note", nullable=False))
    seen = project((before,), (table("orders", column("note")),))
    (new,) = new_columns(seen)

    def nullable(item: Column) -> bool:
        return item.nullable

    assert new.before is not None
    assert new.newly(nullable)
    assert not new.newly(lambda item: item.name == "note")


def test_what_a_partition_has_from_its_parent_is_not_told() -> None:
    """The parent's is judged."""
    part = table(
        "orders_1",
        column("id", BIGINT, inherited=True),
        replace(key("id"), inherited=True),
        index("ix_orders_1", "id", parent="public.ix_orders"),
        partition_of="public.orders",
        bound="DEFAULT",
    )
    seen = project((), (part,))
    found = changes(seen)
    assert (found.tables, found.columns, found.constraints, found.indexes) == ((), (), (), ())


def test_the_line_is_that_of_the_statement_that_made_it() -> None:
    """Of several statements the one that names the object; by its columns where it has no name."""
    people = table("people", column("id", BIGINT), key("id"))
    notes = table(
        "notes",
        column("id", BIGINT),
        column("text"),
        key("id", name="notes_pkey"),
        foreign("fk_notes", "public.people", "id"),
        index("notes_text_idx", "text"),
    )
    seen = project(
        (people,),
        (notes, people),
        "CREATE TABLE notes (id bigint PRIMARY KEY)",
        "ALTER TABLE notes ADD COLUMN text text",
        "ALTER TABLE notes ADD CONSTRAINT fk_notes FOREIGN KEY (id) REFERENCES people",
        "CREATE INDEX ON notes (text)",
    )
    made = [
        table_made(seen, notes),
        constraint_made(seen, New(notes, notes.constraints[0])),
        column_made(seen, New(notes, notes.columns[1])),
        constraint_made(seen, New(notes, notes.constraints[1])),
        index_made(seen, New(notes, notes.indexes[0])),
    ]
    assert [(item.path, item.line) for item in made if item] == [
        (PATH, line) for line in (11, 11, 12, 13, 14)
    ]


def test_a_statement_that_failed_made_nothing() -> None:
    """What was refused and tried again was made by the second try."""
    seen = project((), (ORDERS,), "CREATE TABLE orders (id bigint)", "CREATE TABLE orders ()")
    (item,) = seen.revisions
    step = item.round_trip.upgrade
    refused = replace(step.statements[1], sqlstate="42P07")
    step = replace(step, statements=(step.statements[0], refused))
    seen = replace(
        seen, revisions=(replace(item, round_trip=replace(item.round_trip, upgrade=step)),)
    )
    made = table_made(seen, ORDERS)
    assert made is not None
    assert made.line == 11
