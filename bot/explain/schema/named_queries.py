"""The application's named queries on tables of tenants. Pure."""

from __future__ import annotations

from bot.explain.names.names import python_string
from bot.explain.schema.tenancy import Tenancy
from bot.facts import Project
from bot.facts.plans import Query
from bot.facts.schema import Table
from bot.policy import Confidence, Finding, Remedy
from bot.sql.queries import query
from bot.wording import block, code, several


def of_all_tenants(project: Project, rules: Tenancy, named: Query) -> Finding | None:
    """What is wrong with a query that the change brings, or whose table it gives tenants.

    Tables with row security are left out: the application's own role sees what that lets through.
    """
    read = query(named.sql)
    if read is None or rules.column in read.filtered or project.schema is None:
        return None
    tables = tuple(
        table.full_name
        for table in project.schema.tables
        if rules.of(table)
        and not table.row_security
        and any(name.names(table.full_name) for name in read.tables)
        and (named.new or _got_tenants(project, rules, table))
    )
    if not tables:
        return None
    name, column = code(named.name), code(rules.column)
    return Finding(
        path=named.path,
        line=named.line,
        title=f"The query {name} reads {several(tables)} of all tenants",
        message=f"No WHERE and no condition of a join in {name} compares {column}: it reaches"
        f" the rows of every tenant in {several(tables)}.\n\n{block(named.sql, 'sql')}",
        subject=f"query {named.name}",
        confidence=Confidence.CERTAIN,
        project=project.config,
        tables=tables,
        remedies=(
            Remedy(f"Compare {column} with the tenant that asks, in its WHERE"),
            Remedy(
                "Say that it is meant to reach everybody's rows",
                block(
                    "[tool.db-recheck.policy.query-without-tenant]\n"
                    f"all-tenants = [{python_string(named.name)}]",
                    "toml",
                ),
                trade_off="For what no user calls: a purge, a report of the operator's own.",
            ),
        ),
    )


def _got_tenants(project: Project, rules: Tenancy, table: Table) -> bool:
    """Whether the table was there and every row of it has a tenant only with this change."""
    before = project.base_schema.table(table.full_name) if project.base_schema else None
    old, new = before.column(rules.column) if before else None, table.column(rules.column)
    return before is not None and old is None and new is not None and not new.nullable
