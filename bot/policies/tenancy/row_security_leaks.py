"""An ordinary role with one tenant's settings reached rows of another.

The policies are there and do not hold: what one customer stores, the next one reads or changes, and
every review of the application's own filters was for nothing.

Compare the tenant's column in every permissive policy, for what is read and for what is written.

Reference: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.origin import Origin, table_altered
from bot.explain.schema.origin_objects import found_at, policy_made
from bot.explain.schema.row_security import check_writes, compares, written
from bot.facts import Facts, Project
from bot.facts.schema import Table
from bot.facts.trials import Isolation
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PACK = "row-security"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table and role that reached anything."""
    for project in facts.projects:
        for item in project.trials.isolation if project.trials else ():
            reached = _reached(item)
            table = project.schema.table(item.table) if project.schema else None
            place = _place(project, table, item) if table and reached else None
            if place is None or table is None:
                continue
            given = f"{several(item.settings)} set to one tenant" if item.settings else "no setting"
            member = f", as a member of {code(item.role)}," if item.role else ""
            yield found_at(
                place,
                title=f"Rows of other tenants are reached in {code(item.table)}",
                message=f"A role that owns nothing{member} was given the privileges on"
                f" {code(item.table)}. With {given} it {' and '.join(reached)}.",
                subject=f"{item.table}:{item.role or ''}",
                tables=(item.table,),
                confidence=Confidence.OBSERVED,
                remedies=(*_checked(table, item), _closed(table, item)),
            )


def _reached(item: Isolation) -> list[str]:
    def of(count: int) -> str:
        return f"{count} of {item.others} rows of others"

    found = [f"read {of(item.read)}"] if item.read else []
    found += [f"changed {of(item.updated)}"] if item.updated else []
    found += [f"deleted {of(item.deleted)}"] if item.deleted else []
    found += ["gave rows of its own to another tenant"] if item.moved else []
    return found + (["may add rows for another tenant"] if item.added else [])


def _place(project: Project, table: Table, item: Isolation) -> Origin | None:
    """The policy that does not compare the column, else where row security was switched on."""
    for policy in table.policies:
        read = policy.using if item.read else written(policy)
        loose = policy.permissive and (item.read == 0 or policy.command in ("ALL", "SELECT"))
        if loose and read and not compares(read, item.column):
            return policy_made(project, table, policy)
    wide = [policy for policy in table.policies if policy.permissive]
    return (
        policy_made(project, table, wide[-1])
        if wide
        else table_altered(project, table, "enable row security")
    )


def _checked(table: Table, item: Isolation) -> tuple[Remedy, ...]:
    """What closes it where rows of others are not seen, and only what is written goes unchecked."""
    loose = [
        policy
        for policy in table.policies
        if policy.permissive
        and policy.command in ("ALL", "UPDATE")
        and policy.check is not None
        and not compares(policy.check, item.column)
        and compares(policy.using, item.column)
    ]
    unseen = not (item.read or item.updated or item.deleted)
    return tuple(check_writes(table, policy) for policy in loose) if unseen else ()


def _closed(table: Table, item: Isolation) -> Remedy:
    setting = item.settings[0] if item.settings else f"app.{item.column}"
    column = table.column(item.column)
    kind = column.type.name if column else "bigint"
    rule = f"{quoted(item.column)} = NULLIF(current_setting('{setting}', true), '')::{kind}"
    text = execute(
        f"CREATE POLICY isolated ON {sql_name(table.full_name)} AS RESTRICTIVE\n    USING ({rule})"
    )
    return Remedy(
        "Let one restrictive policy hold in any case",
        block(text, "python"),
        trade_off="Restrictive policies allow nothing by themselves: the permissive ones stay.",
    )
