"""Row security, tried: an ordinary role, one tenant's settings, and what it reaches of the others.

The role owns nothing and exists only inside a transaction that is rolled back. It is made by the
scratch role, never by the bot's own: policies call a stranger's functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.facts.relation import RowPolicy
from bot.facts.schema import Schema, Table
from bot.facts.trials import Isolation, UnsetSetting
from bot.observe.exercise import attempt, firing
from bot.sql.queries import against, expression, settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

_READER = "db_recheck_reader"
_UNSET = "42704"  # undefined_object: an unrecognised configuration parameter
_EVERYBODY = "PUBLIC"
_KEYS = ("23503", "23505", "23P01")  # a foreign, unique or exclusion key refused the row


def isolated(
    connection: Connection[tuple[object, ...]],
    schema: Schema,
    tables: Sequence[tuple[Table, str]],
) -> Iterator[Isolation]:
    """What was reached of each table, whose column tells tenants apart.

    Raises:
        psycopg.Error: the connection is lost.
    """
    from psycopg import Error

    for table, column in tables:
        asked = tuple(dict.fromkeys(_asked(table, column, schema)))
        for role in _roles(table):
            if not asked and not _open(table):
                why = f"its policies do not compare {column} with a setting of the session"
                yield Isolation(table.full_name, column, role=role, reason=why)
                continue
            try:
                yield _tried(connection, table, column, asked, role)
            except Error as error:
                if connection.closed:
                    raise
                why = (error.diag.message_primary or str(error)).strip()
                yield Isolation(table.full_name, column, asked, role, reason=why)


def _asked(table: Table, column: str, schema: Schema) -> Iterator[str]:
    """The settings that policies compare the column with, themselves or by a function."""
    bodies = {item.signature.partition("(")[0]: item.definition for item in schema.functions}
    for policy in table.policies:
        for rule in (policy.using, policy.check):
            for part in against(rule, column) if rule else ():
                yield from (item.name for item in settings(part))
                read = expression(part)
                for name in read.functions if read else ():
                    for known, definition in bodies.items():
                        if name.names(known):
                            yield from (item.name for item in settings(definition))


def _open(table: Table) -> bool:
    """Whether no permissive policy asks who is there: nothing needs to be set to try it."""
    rules = [rule for item in table.policies for rule in (item.using, item.check) if rule]
    read = [expression(rule) for rule in rules]
    return (
        bool(read)
        and all(item and not item.functions for item in read)
        and not any(
            word in rule.lower()
            for rule in rules
            for word in ("current_user", "session_user", "select")
        )
    )


def _roles(table: Table) -> list[str | None]:
    """Memberships to try: none where a policy is for everybody, roles whose policies ask."""
    found: list[str | None] = []
    if any(_EVERYBODY in item.roles for item in table.policies):
        found.append(None)
    for policy in table.policies:
        named = [role for role in policy.roles if role != _EVERYBODY and _asks(policy)]
        found += [role for role in named if role not in found]
    return found


def _asks(policy: RowPolicy) -> bool:
    """Whether the policy depends on the session: one that does not is for an administrator."""
    return any(settings(rule) for rule in (policy.using, policy.check) if rule)


@contextmanager
def _as_reader(
    connection: Connection[tuple[object, ...]], table: Table, role: str | None
) -> Iterator[None]:
    """A transaction in the name of a role that owns nothing; rolled back at its end."""
    from psycopg import sql

    reader, name = sql.Identifier(_READER), _name(table)
    with connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOSUPERUSER NOBYPASSRLS").format(reader))
        if connection.info.server_version >= 160000:  # noqa: PLR2004 - since then it must be said
            set_to = sql.SQL("GRANT {} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE")
        else:
            set_to = sql.SQL("GRANT {} TO CURRENT_USER")
        connection.execute(set_to.format(reader))
        if role is not None:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), reader))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(table.schema), reader)
        )
        connection.execute(
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(name, reader)
        )
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(reader))
        yield


def _tried(
    connection: Connection[tuple[object, ...]],
    table: Table,
    column: str,
    asked: tuple[str, ...],
    role: str | None,
) -> Isolation:
    from psycopg import sql

    name, field = _name(table), sql.SQL("{}::text").format(sql.Identifier(column))
    query = (
        "SELECT {0}, pg_catalog.count(*) FROM {1} WHERE {0} IS NOT NULL GROUP BY 1 ORDER BY 2, 1"
    )
    with connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(name))
        rows = connection.execute(sql.SQL(query).format(field, name)).fetchall()
    counts = {str(value): int(str(count)) for value, count in rows}
    if len(counts) < 2:  # noqa: PLR2004 - one of its own and another
        why = "no rows of two tenants could be made up for it"
        return Isolation(table.full_name, column, asked, role, reason=why)
    mine, other = list(counts)[:2]
    not_mine = sql.SQL("{} <> {}").format(field, sql.Literal(mine))
    with _as_reader(connection, table, role):
        for setting in asked:
            connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (setting, mine))
        read = connection.execute(
            sql.SQL("SELECT pg_catalog.count(*) FROM {} WHERE {}").format(name, not_mine)
        ).fetchone()
        own = sql.SQL("UPDATE {0} SET {1} = {1} WHERE {2}").format(
            name, sql.Identifier(column), not_mine
        )
        gone = sql.SQL("DELETE FROM {} WHERE {}").format(name, not_mine)
        given = sql.SQL("UPDATE {0} SET {1} = (SELECT {2}::{3}) WHERE {4} = {5}").format(
            name,
            sql.Identifier(column),
            sql.Literal(other),
            sql.SQL(_type(table, column)),
            field,
            sql.Literal(mine),
        )
        return Isolation(
            table.full_name,
            column,
            asked,
            role,
            others=sum(counts.values()) - counts[mine],
            read=int(str(read[0])) if read else 0,
            updated=_reached(connection, own),
            deleted=_reached(connection, gone),
            moved=_reached(connection, given) > 0,
            added=_may_add(connection, table, column, mine, other),
        )


def _may_add(
    connection: Connection[tuple[object, ...]], table: Table, column: str, mine: str, other: str
) -> bool:
    """Whether row security lets a copy of an own row be added for another tenant.

    It is asked before keys and constraints are (PostgreSQL docs, "CREATE POLICY"): one of those
    refusing the row means that row security did not.
    """
    from psycopg import Error, sql

    own = [
        each.name
        for each in table.columns
        if each.name != column and each.generated is None and each.identity is None
    ]
    if mine == other or table.column(column) is None:
        return False
    given = sql.SQL(", ").join(map(sql.Identifier, own))
    copied = sql.SQL(
        "INSERT INTO {0} ({1}{2}) SELECT {3}::{4}{5} FROM {0} WHERE {1}::text = {6} LIMIT 1"
    )
    comma = sql.SQL(", ") if own else sql.SQL("")
    try:
        with connection.transaction(force_rollback=True):
            added = connection.execute(
                copied.format(
                    _name(table),
                    sql.Identifier(column),
                    comma + given,
                    sql.Literal(other),
                    sql.SQL(_type(table, column)),
                    comma + given,
                    sql.Literal(mine),
                )
            )
            return added.rowcount > 0
    except Error as error:
        if connection.closed:
            raise
        return error.sqlstate in _KEYS


def _type(table: Table, name: str) -> str:
    column = table.column(name)
    return column.type.name if column else "text"


def _reached(connection: Connection[tuple[object, ...]], statement: Composed) -> int:
    """How many rows the statement reached; none where it was refused, for whatever reason."""
    from psycopg import Error

    try:
        with connection.transaction(force_rollback=True):
            return max(0, connection.execute(statement).rowcount)
    except Error:
        if connection.closed:
            raise
        return 0


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
                for role in [None] if _EVERYBODY in policy.roles else list(policy.roles):
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
        with _as_reader(connection, table, role):
            connection.execute(sql.SQL("SELECT pg_catalog.count(*) FROM {}").format(_name(table)))
    except Error as error:
        message = error.diag.message_primary or ""
        if connection.closed:
            raise
        for setting in needed if error.sqlstate == _UNSET else ():
            if setting in message:
                yield UnsetSetting("policy", table.full_name, name, setting, message)


def _name(table: Table) -> Composed:
    from psycopg import sql

    return sql.SQL("{}").format(sql.Identifier(table.schema, table.name))
