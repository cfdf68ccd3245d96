"""A new view, function or named query read a table of tenants and did not look at the tenant.

What it returns is everybody's, to whoever may call it. A view runs with the rights of its owner, so
row security does not help either.

Compare the tenant's column with the one that is asked for, or let a view show it. Of the named
queries (setting `queries`) it has to stand in a WHERE or in the condition of a join; judged are
those that are new or altered, and all on a table that gets its tenants with this change.

Reference: https://www.postgresql.org/docs/current/rules-privileges.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.named_queries import of_all_tenants
from bot.explain.schema.origin_objects import (
    found_at,
    function_made,
    new_functions,
    new_views,
    view_made,
)
from bot.explain.schema.tenancy import Tenancy, tenancy
from bot.facts import Facts, Project
from bot.facts.schema import Function, View
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.sql import CreateFunction, pieces
from bot.sql.queries import Query, query
from bot.wording import code, several

SEVERITY = Severity.WARN
PACK = "tenancy"
PRESETS = (3, 5)
OPTIONS = {"all-tenants": "names of queries that are meant to read the rows of all tenants (none)"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each view, each function in the language SQL and each named query."""
    told: set[str] = set()
    meant = options.of("query-without-tenant", "all-tenants", ())
    for project in facts.projects:
        rules = tenancy(project, options)
        if rules is None:
            continue
        for view in new_views(project):
            read = query(view.definition)
            if read is None or rules.column in read.shown | read.compared or "*" in read.shown:
                continue
            yield from _told(project, rules, view, read)
        for function, _ in new_functions(project):
            read = _body(function) if function.language == "sql" else None
            if read is not None and rules.column not in read.compared:
                yield from _told(project, rules, function, read)
        for named in facts.queries:
            if named.name in told or named.name in meant:
                continue
            found = of_all_tenants(project, rules, named)
            if found is not None:
                told.add(named.name)
                yield found


def _body(function: Function) -> Query | None:
    """The body of a function, which is a text of its own or a part of the definition."""
    found = [piece.detail for piece in pieces(function.definition)]
    body = found[0].body if found and isinstance(found[0], CreateFunction) else None
    return query(body or function.definition)


def _told(
    project: Project, rules: Tenancy, item: View | Function, read: Query
) -> Iterator[Finding]:
    schema = project.schema
    tables = tuple(
        table.full_name
        for table in (schema.tables if schema else ())
        if rules.of(table)
        and any(name.names(table.full_name) for name in read.tables)
        and not (table.row_security and _as_caller(item))
    )
    is_view = isinstance(item, View)
    made = view_made(project, item) if isinstance(item, View) else function_made(project, item)
    if not tables or made is None:
        return
    name = item.full_name if isinstance(item, View) else item.signature
    yield found_at(
        made,
        title=f"{code(name)} reads {several(tables)} of all tenants",
        message=f"The {item.kind} {code(name)} reads {several(tables)} and never compares"
        f" {code(rules.column)}: its result mixes the rows of all of them.",
        subject=name,
        tables=tables,
        remedies=(
            Remedy(
                f"Let it show {code(rules.column)}, and filter where it is read"
                if is_view
                else f"Ask for one {code(rules.column)}: a parameter that it is compared with"
            ),
            Remedy(
                "Let row security decide",
                "`ALTER VIEW … SET (security_invoker = true)` reads with the rights of the caller"
                " (PostgreSQL 15 and later)."
                if is_view
                else "`SECURITY INVOKER`, which is the default, on tables with row security.",
                trade_off="The tables need policies, and the caller the right to read them.",
            ),
        ),
    )


def _as_caller(item: View | Function) -> bool:
    """Whether it reads with the caller's rights, so that row security holds."""
    if isinstance(item, Function):
        return not item.security_definer
    return any(
        option.replace(" ", "").lower() in ("security_invoker=true", "security_invoker=on")
        for option in item.options
    )
