"""Statements timed on tables of two sizes, whose rows the server copied."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bot.facts.sizes import Size, Work
from bot.observe.catalogue import Ignore, schema_of, snapshot
from bot.observe.costs.grow import grow, size_of
from bot.observe.costs.measure import Site, timed
from bot.observe.costs.wanted import Key, Wanted
from tests.postgres.sizes.conftest import Shop


@pytest.mark.parametrize("name", ["customers", "orders", "lines", "visits"])
def test_rows_are_copied_past_their_unique_keys(shop: Shop, name: str) -> None:
    """Identity, a shifted number, text, UUID; into the partitions where they came from."""
    table = shop.schema.table(f"public.{name}")
    assert table is not None
    with shop.server.connect_as_owner(shop.database) as connection:
        for rows in (1000, 3000):
            grow(connection, table, shop.schema, rows)
            assert size_of(connection, table)[0] == rows


def test_key_that_cannot_be_shifted_leaves_the_table_as_it_is(shop: Shop) -> None:
    """Both columns refer to other rows."""
    table = shop.schema.table("public.followers")
    assert table is not None
    with shop.server.connect_as_owner(shop.database) as connection:
        grow(connection, table, shop.schema, 3000)
        assert size_of(connection, table)[0] == 200


def test_forced_row_security_hides_no_rows_and_stays(shop: Shop) -> None:
    """The owner, held by policies that let nothing through, would count and copy none."""
    held = shop.schema.table("public.customers")
    assert held is not None
    held = replace(held, row_security=True, forced_row_security=True)
    alter = "ALTER TABLE customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    with shop.server.connect_as_owner(shop.database) as connection:
        connection.execute(alter)
        grow(connection, held, shop.schema, 1000)
        assert size_of(connection, held)[0] == 1000
        seen = connection.execute("SELECT count(*) FROM customers").fetchone()
    assert seen == (0,)


def test_rows_are_made_as_wide_as_productions(shop: Shop) -> None:
    """In a text that no key, rule or index looks at."""
    table = shop.schema.table("public.orders")
    assert table is not None
    with shop.server.connect_as_owner(shop.database) as connection:
        grow(connection, table, shop.schema, 4_000)
        grow(connection, table, shop.schema, 20_000, 700.0)
        rows, size = size_of(connection, table)
        assert 500 < size / rows < 900
        longest = connection.execute("SELECT max(length(status)) FROM orders").fetchone()
    assert longest is not None
    assert longest[0] < 100


def test_statement_is_timed_at_both_sizes(shop: Shop) -> None:
    """More rows, more time; databases that were made for it are gone."""
    asked = Wanted("b", 0, "public.orders", Work.INDEX, 0.5)
    size = Size("public.orders", 5_000_000, 2_500_000_000)

    def run(database: str) -> dict[Key, float]:
        with shop.server.connect_as_owner(database) as connection:
            began = time.perf_counter()
            connection.execute("CREATE INDEX ON orders (notes)")
            return {("b", 0): 1000 * (time.perf_counter() - began)}

    with shop.server.connect_as_owner(shop.database) as connection:
        connection.execute("TRUNCATE customers, orders, lines, followers, visits")
    before = _databases(shop)
    site = Site(shop.server, shop.database, shop.schema, shop.schema)
    (found,), late = timed(site, [asked], {size.table: size}, run, time.monotonic() + 60)
    assert not late
    small, large = found.points
    assert (small.rows, large.rows) == (20_000, 100_000)
    assert small.ms < large.ms
    assert large.bytes / large.rows > small.bytes / small.rows
    assert _databases(shop) == before


def test_parents_of_a_foreign_key_that_the_change_adds_have_rows(shop: Shop) -> None:
    """Without them no copied row could keep the new rule, and nothing would be timed."""
    with shop.server.connect_as_owner(shop.database) as connection:
        connection.execute("ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey")
        connection.execute("TRUNCATE customers, orders, lines, followers, visits")
    with shop.server.connect(shop.database) as connection:
        base = schema_of(snapshot(connection, Ignore(), structure=True))
    asked = Wanted("b", 0, "public.orders", Work.SCAN, 0.5)
    size = Size("public.orders", 5_000_000, 500_000_000)

    def run(database: str) -> dict[Key, float]:
        with shop.server.connect_as_owner(database) as connection:
            connection.execute("ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers")
        return {("b", 0): 1.0}

    site = Site(shop.server, shop.database, base, shop.schema)
    (found,), late = timed(site, [asked], {size.table: size}, run, time.monotonic() + 60)
    assert not late
    assert [point.rows for point in found.points] == [20_000, 100_000]


def test_out_of_time_nothing_is_made_up(shop: Shop) -> None:
    """What was not timed at both sizes is no measurement."""
    asked = Wanted("b", 0, "public.lines", Work.SCAN, 0.5)
    site = Site(shop.server, shop.database, shop.schema, shop.schema)
    sizes = {"public.lines": Size("public.lines", 20_000, 900_000)}
    found, late = timed(site, [asked], sizes, lambda _: {("b", 0): 1.0}, time.monotonic() - 1)
    assert (found, late) == ((), True)


def _databases(shop: Shop) -> list[str]:
    with shop.server.connect(shop.database) as connection:
        rows = connection.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()
    return [str(name) for (name,) in rows]
