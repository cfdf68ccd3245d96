"""What the policies of a table let through, as PostgreSQL combines them. Pure.

Source: PostgreSQL docs, "CREATE POLICY": permissive policies are OR-ed, restrictive ones AND-ed.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.names.names import execute, sql_name
from bot.facts.relation import RowPolicy
from bot.facts.schema import Table
from bot.policy import Remedy
from bot.sql import quoted
from bot.sql.queries import expression
from bot.wording import block

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def applying(table: Table, command: str) -> list[RowPolicy]:
    """The permissive policies that one of these decides by."""
    return [item for item in table.policies if item.permissive and item.command in ("ALL", command)]


def uncovered(table: Table) -> tuple[str, ...]:
    """Commands that no permissive policy allows, to anybody who may send them.

    Where privileges were granted, a command that nobody has the privilege for is left out.
    """
    granted = {word for grant in table.grants for word in grant.privileges}
    return tuple(
        command
        for command in COMMANDS
        if not applying(table, command) and (not granted or command in granted)
    )


def overlap(one: RowPolicy, other: RowPolicy) -> bool:
    """Whether some role is under both."""
    everybody = "PUBLIC" in one.roles or "PUBLIC" in other.roles
    return everybody or bool(set(one.roles) & set(other.roles))


def condition(policy: RowPolicy, command: str) -> str | None:
    """Which rows the policy lets that command see; what INSERT may add."""
    return policy.check if command == "INSERT" and policy.check else policy.using or policy.check


def combined(policies: Sequence[RowPolicy], command: str) -> str:
    """The predicate that PostgreSQL makes of permissive policies for one command."""
    parts = [f"({condition(item, command) or 'false'})" for item in policies]
    return "\n   OR ".join(dict.fromkeys(parts))


def written(policy: RowPolicy) -> str | None:
    """What decides on rows that the policy lets through to be written; None where it lets none."""
    return None if policy.command in ("SELECT", "DELETE") else policy.check or policy.using


def compares(sql: str | None, column: str) -> bool:
    """Whether the expression compares that column, itself or in what a function gets."""
    read = expression(sql) if sql else None
    return read is not None and column in read.columns


def always(sql: str | None) -> bool:
    """Whether the expression is true for every row by its own words."""
    read = expression(sql) if sql else None
    return read is not None and read.constant is True


def check_writes(table: Table, policy: RowPolicy) -> Remedy:
    """The way to have the policy decide on what is written as it does on what is read."""
    rule = policy.using if policy.using and not always(policy.using) else "<what a row must meet>"
    text = execute(
        f"ALTER POLICY {quoted(policy.name)} ON {sql_name(table.full_name)} WITH CHECK ({rule})"
    )
    return Remedy("Check what is written, too", block(text, "python"))


def changed(table: Table, before: Table | None) -> bool:
    """Whether the table's row security is not what it was."""
    if before is None:
        return True
    now = (table.row_security, table.forced_row_security, table.policies)
    return now != (before.row_security, before.forced_row_security, before.policies)
