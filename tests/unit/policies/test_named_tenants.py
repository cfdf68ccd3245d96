"""`query-without-tenant` on the application's own queries: which of them are told, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.explain.python.redaction import HIDDEN, without_secrets
from bot.facts import Facts, Project
from bot.facts.plans import Query
from bot.facts.schema import Schema, Table
from bot.policies.tenancy.query_without_tenant import check
from bot.policy import Options
from tests.unit.schema.schemas import BIGINT, column, foreign, key, table

PATH = "app/queries.sql"
TENANTS = table("tenants", column("id", BIGINT, nullable=False), key("id"))


def owned(name: str, *, nullable: bool = False) -> Table:
    """A table whose rows belong to tenants."""
    return table(
        name,
        column("id", BIGINT, nullable=False),
        column("tenant_id", BIGINT, nullable=nullable),
        key("id"),
        foreign(f"fk_{name}_tenants", "public.tenants", "tenant_id"),
    )


ORDERS, LINES = owned("orders"), owned("lines")
SHARED = table("colours", column("id", BIGINT, nullable=False), key("id"))
SCHEMA = Schema((TENANTS, ORDERS, LINES, SHARED))
PROJECT = Project("alembic.ini", "m", schema=SCHEMA, base_schema=SCHEMA)


def told(
    sql: str, project: Project = PROJECT, *, new: bool = True, meant: tuple[str, ...] = ()
) -> list[str]:
    """Place and tables of what is said of one query."""
    facts = Facts("a", "b", projects=(project,), queries=(Query("q", sql, PATH, 7, new=new),))
    stated = Options(policy={"query-without-tenant": {"all-tenants": list(meant)}})
    return [
        f"{item.path}:{item.line} {' '.join(item.tables)}".replace("public.", "")
        for item in check(facts, stated)
    ]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM orders WHERE id = $1", "orders"),
        ("SELECT tenant_id, count(*) FROM orders GROUP BY tenant_id", "orders"),
        ("SELECT o.id FROM orders o, lines l WHERE l.id = o.id", "orders lines"),
        ("SELECT * FROM public.orders ORDER BY tenant_id = $1", "orders"),
        ("SELECT * FROM orders WHERE tenant_id <> $1", "orders"),
        ("SELECT 'WHERE tenant_id = 1' FROM orders -- WHERE tenant_id = $1", "orders"),
        ("UPDATE orders SET tenant_id = $1 WHERE id = $2", "orders"),
        ("DELETE FROM orders", "orders"),
        ("INSERT INTO colours (id) SELECT id FROM orders", "orders"),
        ("INSERT INTO orders (id, tenant_id) SELECT id, $1 FROM orders WHERE id = $2", "orders"),
        ("SELECT id FROM colours UNION SELECT id FROM orders", "orders"),
        ("SELECT (SELECT max(id) FROM orders) FROM colours", "orders"),
        ("MERGE INTO orders o USING colours c ON c.id = o.id WHEN MATCHED THEN DELETE", "orders"),
    ],
)
def test_a_query_that_reaches_all_tenants_is_told_on_its_line(sql: str, tables: str) -> None:
    """What counts is what PostgreSQL's parser finds in a WHERE or the condition of a join."""
    assert told(sql) == [f"{PATH}:7 {tables}"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM orders WHERE tenant_id = $1",
        "SELECT * FROM orders AS o WHERE o.id = 1 AND $1 = o.tenant_id",
        "SELECT * FROM orders WHERE tenant_id IN ($1, $2)",
        "SELECT * FROM orders WHERE tenant_id = ANY ($1)",
        "SELECT * FROM orders WHERE (tenant_id, id) IN (SELECT $1, id FROM colours)",
        "SELECT * FROM orders WHERE tenant_id IS NOT DISTINCT FROM $1",
        "SELECT * FROM orders o JOIN lines l ON l.id = o.id AND l.tenant_id = $1",
        "SELECT * FROM orders JOIN lines USING (tenant_id, id)",
        "SELECT * FROM orders WHERE id IN (SELECT id FROM lines WHERE tenant_id = $1)",
        "WITH mine AS (SELECT id FROM orders WHERE tenant_id = $1) SELECT * FROM mine",
        "UPDATE orders SET id = 1 WHERE tenant_id = $1",
        "DELETE FROM orders USING lines WHERE lines.tenant_id = orders.tenant_id",
        "INSERT INTO orders (id, tenant_id) VALUES ($1, $2) RETURNING id",
        "INSERT INTO orders (id) SELECT id FROM colours",
        "MERGE INTO orders o USING lines l ON l.tenant_id = o.tenant_id WHEN MATCHED THEN DELETE",
        "SELECT * FROM tenants",
        "SELECT * FROM colours",
        "WITH orders AS (SELECT 1) SELECT * FROM orders",
        "SELECT * FROM other.orders",
        "SELECT broken FROM",
    ],
)
def test_a_query_of_one_tenant_or_of_nobodys_rows_is_not(sql: str) -> None:
    """However it asks."""
    assert told(sql) == []


def test_an_old_query_is_told_where_its_table_gets_tenants() -> None:
    """Once every row has one; while the column is being filled, the query is right."""
    sql = "SELECT * FROM colours"
    for nullable, said in ((False, [f"{PATH}:7 colours"]), (True, [])):
        tables = (TENANTS, ORDERS, LINES, owned("colours", nullable=nullable))
        project = replace(PROJECT, schema=Schema(tables))
        assert told(sql, project, new=False) == said
    assert told("SELECT * FROM orders", new=False) == []


def test_row_security_keeps_tenants_apart() -> None:
    """The application's role sees what its policies let through."""
    secured = replace(ORDERS, row_security=True)
    assert told("SELECT * FROM orders", replace(PROJECT, schema=Schema((TENANTS, secured)))) == []


def test_one_that_is_meant_to_is_named_in_the_settings() -> None:
    """By its own name."""
    assert told("DELETE FROM orders", meant=("other", "q")) == []
    assert told("DELETE FROM orders", meant=("other",)) != []


def test_projects_that_share_a_table_tell_it_once() -> None:
    """The first one that has it speaks; a schema that was not seen says nothing."""
    again = replace(PROJECT, config="other.ini")
    unseen = replace(PROJECT, schema=None, config="a.ini")
    queries = (Query("q", "SELECT * FROM orders", PATH, 7, new=True),)
    facts = Facts("a", "b", projects=(unseen, PROJECT, again), queries=queries)
    assert [item.project for item in check(facts)] == ["alembic.ini"]


def test_a_secret_in_a_query_is_not_shown() -> None:
    """The text stands in the finding."""
    sql = "UPDATE orders SET url = 'postgresql://app:Tr0ub4dor&3x@db7.acme.internal/crm'"
    facts = Facts("a", "b", projects=(PROJECT,), queries=(Query("q", sql, PATH, 7, new=True),))
    (found,) = check(without_secrets(facts))
    assert HIDDEN in found.message
    assert "Tr0ub4dor" not in found.message
