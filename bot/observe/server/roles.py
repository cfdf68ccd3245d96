"""Roles: they belong to the whole server, so what a migration creates outlives its database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.observe.server.access import open_connection
from bot.observe.server.databases import Databases


def all_roles(databases: Databases) -> frozenset[str]:
    """The names of all roles but PostgreSQL's predefined ones."""
    rows = databases.admin.execute(
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'"
    ).fetchall()
    return frozenset(str(name) for (name,) in rows)


def roles_created_by(databases: Databases, creator: str) -> frozenset[str]:
    """Roles that this role created: it administers them (docs, "CREATE ROLE"; since 16)."""
    rows = databases.admin.execute(
        "SELECT made.rolname FROM pg_catalog.pg_auth_members m"
        " JOIN pg_catalog.pg_roles made ON made.oid = m.roleid"
        " JOIN pg_catalog.pg_roles creator ON creator.oid = m.member"
        " WHERE creator.rolname = %s AND m.admin_option AND made.rolname !~ '^pg_'",
        (creator,),
    ).fetchall()
    return frozenset(str(name) for (name,) in rows)


def create_role(databases: Databases, name: str, member: str) -> bool:
    """Create a role and make ``member`` one of it; False where PostgreSQL refuses.

    One that is there already is refused, and nobody becomes its member.
    """
    from psycopg import Error, sql

    role = sql.Identifier(name)
    try:
        databases.admin.execute(sql.SQL("CREATE ROLE {}").format(role))
    except Error:
        return False
    databases.admin.execute(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(member)))
    return True


def drop_roles(databases: Databases, names: Iterable[str], heir: str) -> None:
    """Drop roles with all privileges they hold; what they own in a database becomes the heir's."""
    from psycopg import sql

    for name in sorted(all_roles(databases) & frozenset(names)):
        role = sql.Identifier(name)
        rows = databases.admin.execute(
            "SELECT DISTINCT d.datname FROM pg_catalog.pg_shdepend s"
            " JOIN pg_catalog.pg_database d ON d.oid = s.dbid"
            " JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid"
            " WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND r.rolname = %s",
            (name,),
        ).fetchall()
        for database in {str(found) for (found,) in rows} | {databases.bot.database}:
            with open_connection(replace(databases.bot, database=database)) as connection:
                connection.execute(
                    sql.SQL("REASSIGN OWNED BY {} TO {}").format(role, sql.Identifier(heir))
                )
                connection.execute(sql.SQL("DROP OWNED BY {}").format(role))
        databases.admin.execute(sql.SQL("DROP ROLE {}").format(role))
