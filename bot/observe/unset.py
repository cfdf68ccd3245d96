"""Sessions that set nothing: which policies, defaults and triggers do not bear them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.facts.schema import Schema, Table
from bot.facts.trials import UnsetSetting
from bot.observe.exercise import attempt, firing
from bot.observe.isolation import EVERYBODY, as_reader
from bot.observe.rows.target import name_of
from bot.sql.queries import settings

if TYPE_CHECKING:
    from psycopg import Connection

_UNSET = "42704"  # undefined_object: an unrecognised configuration parameter


def unset(
    connection: Connection[tuple[object, ...]], schema: Schema, before: Schema
) -> Iterator[UnsetSetting]:
    """Policies, defaults and triggers that are new and fail in a session that set nothing.

    The connection must be one on which nothing was set yet.

    Raises:
        psycopg.Error: the connection is lost.
    """
    bodies = {item.signature.partition("(")[0]: item.definition for item in schema.functions}
    known = {item.full_name: item for item in before.tables}
    for table in schema.tables:
        old = known.get(table.full_name)
        if old == table and bodies == {
            item.signature.partition("(")[0]: item.definition for item in before.functions
        }:
            continue
        for policy in table.policies if table.row_security else ():
            rule = " AND ".join(f"({each})" for each in (policy.using, policy.check) if each)
            if not old or policy not in old.policies:
                for role in [None] if EVERYBODY in policy.roles else list(policy.roles):
                    yield from _refused_policy(connection, table, policy.name, rule, role)
        for column in table.columns:
            same = old.column(column.name) if old else None
            if column.default and (same is None or same.default != column.default):
                fault = attempt(connection, f"SELECT ({column.default})")
                wanted = settings(column.default)
                for item in wanted if fault and fault.sqlstate == _UNSET else ():
                    yield UnsetSetting(
                        "default",
                        table.full_name,
                        column.name,
                        item.name,
                        fault.message if fault else "",
                    )
        for trigger in table.triggers:
            body = bodies.get(trigger.function, "")
            for item in settings(body) if not (old and trigger in old.triggers) else ():
                for event in trigger.events if not item.missing_ok else ():
                    fault = attempt(connection, firing(table, event) or "SELECT")
                    if fault and fault.sqlstate == _UNSET and item.name in fault.message:
                        yield UnsetSetting(
                            "trigger", table.full_name, trigger.name, item.name, fault.message
                        )
                        break


def _refused_policy(
    connection: Connection[tuple[object, ...]],
    table: Table,
    name: str,
    rule: str,
    role: str | None,
) -> Iterator[UnsetSetting]:
    """Whether a query of the table is refused for want of a setting that the policy asks for."""
    from psycopg import Error, sql

    needed = [item.name for item in settings(rule) if not item.missing_ok]
    if not needed:
        return
    try:
        with as_reader(connection, table, role):
            connection.execute(sql.SQL("SELECT pg_catalog.count(*) FROM {}").format(name_of(table)))
    except Error as error:
        message = error.diag.message_primary or ""
        if connection.closed:
            raise
        for setting in needed if error.sqlstate == _UNSET else ():
            if setting in message:
                yield UnsetSetting("policy", table.full_name, name, setting, message)
