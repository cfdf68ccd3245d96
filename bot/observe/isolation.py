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
from bot.facts.trials import Isolation
from bot.observe.forced_row_security import force
from bot.observe.rows.target import name_of
from bot.sql.queries import against, expression, settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

_READER = "db_recheck_reader"
EVERYBODY = "PUBLIC"
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
    if any(EVERYBODY in item.roles for item in table.policies):
        found.append(None)
    for policy in table.policies:
        named = [role for role in policy.roles if role != EVERYBODY and _asks(policy)]
        found += [role for role in named if role not in found]
    return found


def _asks(policy: RowPolicy) -> bool:
    """Whether the policy depends on the session: one that does not is for an administrator."""
    return any(settings(rule) for rule in (policy.using, policy.check) if rule)


@contextmanager
def as_reader(
    connection: Connection[tuple[object, ...]], table: Table, role: str | None
) -> Iterator[None]:
    """A transaction in the name of a role that owns nothing; rolled back at its end."""
    from psycopg import sql

    reader, name = sql.Identifier(_READER), name_of(table)
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

    name, field = name_of(table), sql.SQL("{}::text").format(sql.Identifier(column))
    query = (
        "SELECT {0}, pg_catalog.count(*) FROM {1} WHERE {0} IS NOT NULL GROUP BY 1 ORDER BY 2, 1"
    )
    with connection.transaction(force_rollback=True):
        force(connection, (table,), on=False)
        rows = connection.execute(sql.SQL(query).format(field, name)).fetchall()
    counts = {str(value): int(str(count)) for value, count in rows}
    if len(counts) < 2:  # noqa: PLR2004 - one of its own and another
        why = "no rows of two tenants could be made up for it"
        return Isolation(table.full_name, column, asked, role, reason=why)
    mine, other = list(counts)[:2]
    not_mine = sql.SQL("{} <> {}").format(field, sql.Literal(mine))
    with as_reader(connection, table, role):
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
                    name_of(table),
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
