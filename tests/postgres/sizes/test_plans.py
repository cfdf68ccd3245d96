"""Tables that seem as large as production's, and what EXPLAIN says of queries on them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from bot.facts import Project
from bot.facts.plans import Plan, Query
from bot.facts.sizes import Size
from bot.observe.plans import planned
from bot.observe.plans.enlarge import enlarge, relations, shares
from bot.observe.plans.explain import explain, whole
from bot.observe.room import Room
from bot.observe.rows import Ground, RowsOptions
from bot.observe.server import ServerOptions, start_server
from bot.observe.stage import Stage
from bot.observe.stated import Stated
from bot.observe.unseen import Unseen
from tests.postgres.sizes.conftest import Shop

ORDERS = Size("public.orders", 40_000_000, 6_000_000_000)


def plan(shop: Shop, query: str, *sizes: Size) -> Plan:
    """The plan of the query at these sizes."""
    with shop.server.connect_as_owner(shop.database) as connection:
        connection.execute("ANALYZE")
    with shop.server.connect(shop.database) as connection:
        known = shares(relations(connection), sizes)
        parts = whole(connection)
    enlarge(shop.server, shop.database, known)
    with shop.server.connect_as_owner(shop.database) as connection:
        return explain(connection, query, parts)


def test_large_table_is_dear_to_read(shop: Shop) -> None:
    """The planner believes the file's length: several files of a gigabyte, none of them written."""
    whole_, by_index = (
        plan(shop, f"SELECT notes FROM orders WHERE {where} = $1", ORDERS)
        for where in ("notes", "status")
    )
    assert whole_.read_whole("public.orders")
    assert whole_.cost > 300_000
    assert by_index.indexes == ("public.ix_orders_status",)
    assert by_index.cost < whole_.cost / 100


def test_small_table_is_read_whole_although_it_has_an_index(shop: Shop) -> None:
    """What is on one page is read as fast."""
    found = plan(
        shop, "SELECT notes FROM orders WHERE status > $1", Size("public.orders", 50, 8192)
    )
    assert found.cost < 100


def test_sizes_of_a_partitioned_table_are_its_partitions(shop: Shop) -> None:
    """Those that are not stated themselves share what is stated of the whole."""
    with shop.server.connect(shop.database) as connection:
        found = relations(connection)
    names = {item.oid: item.name for item in found}
    stated = shares(found, [Size("public.visits", 1000, 9000), Size("public.nothing", 5, 5)])
    assert {names[oid]: size for oid, size in stated.items()} == {
        "public.visits_2025": (500, 4500),
        "public.visits_2026": (500, 4500),
    }


@pytest.mark.parametrize(
    ("where", "unpruned"),
    [
        ("customer = $1", True),
        ("mood = $1", True),
        ("true", True),
        ("day = $1", False),
        ("day >= $1 AND day < $2", False),
        ("day > now() - interval '1 day'", False),
        ("day BETWEEN '2025-02-01' AND '2025-03-01' AND customer = $1", False),
    ],
)
def test_query_without_the_key_reads_every_partition(
    shop: Shop, where: str, *, unpruned: bool
) -> None:
    """Whatever its parameters are; pruning while planning and while starting both count."""
    found = plan(shop, f"SELECT customer FROM visits WHERE {where}")
    assert found.unpruned == (("public.visits",) if unpruned else ())


def test_index_of_partitions_goes_by_its_own_name(shop: Shop) -> None:
    """The index that a revision makes is that of the whole table."""
    size = Size("public.visits", 40_000_000, 4_000_000_000)
    found = plan(shop, "SELECT mood FROM visits WHERE customer = $1", size)
    assert "public.ix_visits_customer" in found.indexes


def test_writes_are_planned_and_not_done(shop: Shop) -> None:
    """EXPLAIN executes nothing, and the table that is written is not one that is read whole."""
    found = plan(shop, "INSERT INTO lines (customer, place) VALUES ($1, $2)", ORDERS)
    assert found.scans == ()
    plan(shop, "DELETE FROM lines WHERE customer = $1")
    with shop.server.connect(shop.database) as connection:
        row = connection.execute("SELECT count(*) FROM public.lines").fetchone()
    assert row == (200,)


def test_query_that_does_not_fit_the_schema_is_an_error(shop: Shop) -> None:
    """And the connection can be used on."""
    with shop.server.connect_as_owner(shop.database) as connection:
        known = whole(connection)
        with pytest.raises(psycopg.Error, match="colour"):
            explain(connection, "SELECT colour FROM orders", known)
        assert explain(connection, "SELECT id FROM orders", known).scans


def test_files_outside_the_server_are_not_touched(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A link in the place of a relation's file is refused."""
    victim = tmp_path_factory.mktemp("victim") / "file"
    victim.write_bytes(b"x")
    with shop.server.connect(shop.database) as connection:
        (table,) = (item for item in relations(connection) if item.name == "public.followers")
    assert shop.server.data is not None
    assert table.file is not None
    path = shop.server.data / table.file
    path.rename(path.with_suffix(".aside"))
    path.symlink_to(victim)
    with pytest.raises(OSError, match=r"symbolic links|not a file"):
        enlarge(shop.server, shop.database, {table.oid: (10**6, 10**8)})
    path.unlink()
    path.with_suffix(".aside").rename(path)
    assert victim.read_bytes() == b"x"


def test_on_a_server_of_the_users_queries_are_not_explained(shop: Shop) -> None:
    """Its files are not ours to make longer: that is said, with what would help."""
    bot = shop.server._databases.bot  # its superuser plays the user
    url = f"postgresql://{bot.user}:{bot.password}@/postgres?host={quote(bot.host, safe='')}"
    options = ServerOptions(url=url, shared_server=True)
    unseen = Unseen("alembic.ini")
    project = Project("alembic.ini", "migrations", base_schema=shop.schema)
    stated = Stated(sizes=(ORDERS,), queries=(Query("one", "SELECT 1", "q.sql", 1),))
    with (
        Room(Path(tempfile.gettempdir())) as room,
        start_server(options, room) as theirs,
    ):
        ground = Ground(theirs, shop.database, never, lambda: 60.0)
        assert planned(ground, stated, project, (), unseen, RowsOptions()) == ()
    (told,) = unseen.entries()
    assert "on a server of db-recheck's own" in told.why
    assert "database-url" in told.do


def never(_: str) -> Stage:
    """Nothing is to be run."""
    raise AssertionError
