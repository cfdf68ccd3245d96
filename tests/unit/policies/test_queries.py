"""Policies on plans, judged from facts written by hand."""

from __future__ import annotations

import pytest

from bot.facts import Change, ChangedRevision, Effect, Facts, Project, RoundTrip, Seen, Size
from bot.facts.plans import Plan, Planned, Query, Scan
from bot.facts.relation import Index, IndexKey
from bot.facts.schema import Schema, Table
from bot.policy import Finding, Options, policies
from tests.unit.policies.cases import path, statement, step

ORDERS = "public.orders"
QUERY = Query("one", "SELECT 1 FROM orders WHERE status = $1", "app/queries.sql", 7, new=True)
WHOLE = Plan(900_000.0, (Scan(ORDERS, "Seq Scan"),))
BY_INDEX = Plan(8.0, (Scan(ORDERS, "Index Scan", "public.ix"),), ("public.ix",))
UNPRUNED = Plan(90.0, (Scan("public.visits_1", "Seq Scan"),), unpruned=("public.visits",))
DROPPED = statement(
    "DROP INDEX CONCURRENTLY ix",
    effects=(Effect("public.ix", "index", ORDERS, dropped=True),),
    seen=Seen.WAITING,
)
MADE = statement(
    "CREATE INDEX CONCURRENTLY new ON orders (a)",
    line=30,
    effects=(Effect("public.new", "index", ORDERS, existed=False, created=True),),
    seen=Seen.WAITING,
)


def orders(*indexes: str) -> Schema:
    """The table with indexes, each on columns of its own: "ix status"."""
    made = tuple(
        Index(f"public.{name}", tuple(IndexKey(column) for column in columns), name)
        for name, *columns in (item.split() for item in indexes)
    )
    return Schema((Table("public", "orders", indexes=made),))


def said(
    policy: str, planned: Planned, rows: int = 50_000_000, head: Schema | None = None
) -> list[Finding]:
    """What the policy says of that query on a table of so many rows."""
    trip = RoundTrip(upgrade=step(statements=(DROPPED, MADE)))
    revision = ChangedRevision("b", path("b"), Change.ADDED, ("a",), round_trip=trip)
    project = Project(
        "alembic.ini",
        "migrations",
        revisions=(revision,),
        base_schema=orders("ix status"),
        schema=head or orders("ix status", "new a"),
        plans=(planned,),
    )
    facts = Facts("b", "h", projects=(project,), sizes=(Size(ORDERS, rows, rows * 100),))
    (found,) = (item for item in policies() if item.id == policy)
    return list(found.look(facts, Options()))


@pytest.mark.parametrize(
    ("planned", "rows", "count"),
    [
        (Planned(QUERY, BY_INDEX, WHOLE), 50_000_000, 1),
        (Planned(QUERY, WHOLE, WHOLE), 50_000_000, 0),
        (Planned(QUERY, None, WHOLE), 50_000_000, 0),
        (Planned(QUERY, BY_INDEX, None), 50_000_000, 0),
        (Planned(QUERY, Plan(8.0), Plan(100.0, (Scan(ORDERS, "Seq Scan"),))), 500, 0),
        (Planned(QUERY, Plan(9_000.0), Plan(11_000.0)), 50_000_000, 0),
    ],
)
def test_plan_regresses_where_base_had_a_better_one(
    planned: Planned, rows: int, count: int
) -> None:
    """A large table read whole, or ten times the cost; at the statement that dropped the index."""
    found = said("plan-regressed", planned, rows)
    assert [item.line for item in found] == [20] * count


@pytest.mark.parametrize(
    ("plan", "head", "count"),
    [
        (BY_INDEX, None, 1),
        (Plan(8.0, (Scan(ORDERS, "Index Scan", "public.new"),), ("public.new",)), None, 0),
        (Plan(8.0, (Scan("public.users", "Seq Scan"),)), None, 0),
        (BY_INDEX, orders("ix status", "new status a"), 0),
    ],
)
def test_index_is_unused_where_queries_read_its_table_otherwise(
    plan: Plan, head: Schema | None, count: int
) -> None:
    """Not where none reads the table, nor where it begins like the one that is used."""
    found = said("index-never-used", Planned(QUERY, plan, plan), head=head)
    assert [item.line for item in found] == [30] * count


def test_query_of_an_old_table_is_reported_in_its_file() -> None:
    """Where no statement made the table, the query is what is new."""
    (found,) = said("partition-not-pruned", Planned(QUERY, None, UNPRUNED))
    assert (found.path, found.line) == ("app/queries.sql", 7)
    assert said("partition-not-pruned", Planned(QUERY, UNPRUNED, UNPRUNED)) == []
