"""The user's own server: looked at before it is used, and left as it was found.

Only databases and roles whose names start with ``db_recheck_`` and the run's random id are made,
changed or dropped. The database of the URL is only connected to. A live run holds an advisory lock
on its id, so that a later run can tell what a crashed one left behind.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from bot.observe.forwarding.forwarder import Forwarder
from bot.observe.room import Room
from bot.observe.server.access import APPLICATION, open_connection
from bot.observe.server.databases import Databases
from bot.observe.server.leftovers import PREFIX, claim, drop_leftovers
from bot.observe.server.options import OLDEST_MAJOR, Address, ServerError, ServerOptions
from bot.observe.server.server import Origin, Server
from bot.observe.server.url import to_libpq

if TYPE_CHECKING:
    import psycopg

CREATOR_KNOWN = 16  # the first major that records who created a role


def use_service(options: ServerOptions, url: str, room: Room) -> Server:
    """Scratch databases on the user's server, to which a socket in the room leads.

    Raises:
        ServerError: it cannot be reached, is too old, lacks a right, or others use it.
    """
    from bot.observe.server.scratch_check import look_for_others

    run = secrets.token_hex(4)
    bot = _reach(url)
    databases = Databases(bot, bot.user, f"{PREFIX}{run}_", ours=False)
    owner = bot
    forwarder: Forwarder | None = None
    try:
        _require(databases)
        claim(databases, run)
        drop_leftovers(databases)
        if not options.shared_server:
            look_for_others(databases)
        owner, notes = _owner(databases, run, options)
        forwarder = Forwarder(
            room,
            owner,
            _place(databases.admin),
            f"{PREFIX}{run}_",
            tls=databases.admin.pgconn.ssl_in_use,
            without=options.without,
        )
        return Server(
            Origin(
                version=_version(databases.admin),
                source="service",
                owner=owner,
                reached=forwarder.address,
                creates_roles=_whose_roles(databases, owner, options),
                notes=notes,
            ),
            databases,
            partial(_end, databases, owner, forwarder),
        )
    except BaseException:
        _end(databases, owner, forwarder)
        raise


def _reach(url: str) -> Address:
    """The address behind the URL, tried out.

    Raises:
        ServerError: with what libpq says, and what to do.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        given = conninfo_to_dict(to_libpq(url))
    except psycopg.ProgrammingError as error:
        raise ServerError(
            f"the database URL cannot be read: {_without_values(str(error))}; write "
            "postgresql://user:password@host:5432/database, with %40 for an @ in the password"
        ) from None
    given.setdefault("connect_timeout", 10)
    given["application_name"] = APPLICATION
    try:
        connection = psycopg.connect(make_conninfo("", **given), autocommit=True)
    except psycopg.OperationalError as error:
        raise ServerError(_unreachable(error, str(given.get("password") or ""))) from None
    with connection:
        info = connection.info
        placed = {"host", "hostaddr", "port", "user", "password", "dbname", "passfile", "service"}
        placed |= {"connect_timeout", "application_name", "target_session_attrs", "options"}
        return Address(
            info.host,
            info.port,
            info.user,
            info.password,
            info.dbname,
            tuple((key, str(value)) for key, value in given.items() if key not in placed),
        )


def _unreachable(error: psycopg.OperationalError, password: str) -> str:
    said = re.sub(r'"[^"]*@[^"]*"', '"…"', " ".join(str(error).split()))
    if password:
        said = said.replace(password, "…")
    if "password authentication failed" in said or "no password supplied" in said:
        advice = "check user and password in the database URL"
    elif "does not exist" in said:
        advice = "check the database and the user in the database URL"
    elif "pg_hba.conf" in said:
        advice = "let this user in from here in the server's pg_hba.conf"
    elif "starting up" in said:
        advice = "wait for it: in GitHub Actions, give the service container a health check"
    else:
        advice = (
            "check host and port in the database URL, and that the server runs; inside a container "
            "action a service is reached by its name, not by localhost"
        )
    return f"the PostgreSQL of the database URL cannot be used: {said}; {advice}"


def _without_values(message: str) -> str:
    """What libpq quotes may be a piece of the password."""
    return re.sub(r'"[^"]*"', '"…"', message.strip())


def _require(databases: Databases) -> None:
    """Version and rights, else a ServerError."""
    admin = databases.admin
    if databases.major < OLDEST_MAJOR:
        raise ServerError(
            f"the server is PostgreSQL {_version(admin)}: the oldest that db-recheck can use is "
            f"{OLDEST_MAJOR}; name a newer one, or leave out --database-url"
        )
    standby, creates = admin.execute(
        "SELECT pg_catalog.pg_is_in_recovery(), rolcreatedb OR rolsuper"
        " FROM pg_catalog.pg_roles WHERE rolname = current_user"
    ).fetchone() or (False, False)
    if standby:
        raise ServerError("the server is a standby, on which nothing can be created: name another")
    if not creates:
        raise ServerError(
            f"the role {databases.bot.user} of the database URL may not create databases: run "
            f'ALTER ROLE "{databases.bot.user}" CREATEDB as a superuser, or name another role'
        )


def _owner(
    databases: Databases, run: str, options: ServerOptions
) -> tuple[Address, tuple[str, ...]]:
    """The scratch role, or the URL's own where no role can be created or let in."""
    import psycopg
    from psycopg import sql

    bot = databases.bot
    owner = replace(bot, user=f"{PREFIX}{run}_owner", password=secrets.token_hex(16))
    role = sql.Identifier(owner.user)
    rights = "SUPERUSER" if options.superuser else "NOSUPERUSER"
    made = False
    try:
        databases.admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                role, sql.SQL(rights), sql.Literal(owner.password)
            )
        )
        made = True
        if not _is_superuser(databases.admin):
            databases.admin.execute(
                sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(bot.user))
            )
        if databases.major >= CREATOR_KNOWN and not options.shared_server:
            databases.admin.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(role))
            databases.admin.execute(
                sql.SQL("ALTER ROLE {} SET createrole_self_grant = 'set, inherit'").format(role)
            )
        _try_login(databases, owner)
    except psycopg.Error as error:
        if made:
            databases.admin.execute(sql.SQL("DROP ROLE {}").format(role))
        if options.superuser and not _is_superuser(databases.admin):
            raise ServerError(
                f"superuser = true needs a superuser in the database URL; {bot.user} is none"
            ) from None
        reason = str(error).strip().splitlines()[0]
        note = (
            f"the revisions ran as {bot.user}, the role of the database URL, because no scratch "
            f"role could be used on that server: {reason}"
        )
        return bot, (note,)
    databases.owner = owner.user
    return owner, ()


def _try_login(databases: Databases, owner: Address) -> None:
    """Raise psycopg's error when the scratch role is not let in anywhere."""
    import psycopg

    try:
        open_connection(owner).close()
    except psycopg.OperationalError:
        name = databases.create("login")
        try:
            open_connection(replace(owner, database=name)).close()
        finally:
            databases.drop(name)


def _whose_roles(
    databases: Databases, owner: Address, options: ServerOptions
) -> Literal["everybody", "owner", "nobody"]:
    if options.shared_server:
        return "nobody"
    if options.superuser:
        return "everybody"  # nothing records what a superuser created; the server is ours alone
    return "owner" if databases.major >= CREATOR_KNOWN and owner != databases.bot else "nobody"


def _place(connection: psycopg.Connection) -> str:
    """The numeric address that the host's name stood for, or the folder of the socket."""
    host = connection.info.host
    return host if host.startswith("/") else connection.info.hostaddr or host


def _end(databases: Databases, owner: Address, forwarder: Forwarder | None) -> None:
    """Drop all that this run created; what the server refuses is for the next run to drop."""
    import psycopg
    from psycopg import sql

    from bot.observe.server import roles

    if forwarder is not None:
        forwarder.close()
    refused = contextlib.suppress(psycopg.Error, ServerError)
    with refused:
        databases.reconnect()
    for name in tuple(databases.names):
        with refused:
            databases.drop(name)
    if owner != databases.bot:
        if databases.major >= CREATOR_KNOWN:
            with refused:
                made = roles.roles_created_by(databases, owner.user)
                roles.drop_roles(databases, made, databases.bot.user)
        with refused:
            databases.admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(owner.user)))
    databases.close()


def _is_superuser(admin: psycopg.Connection) -> bool:
    row = admin.execute(
        "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


def _version(admin: psycopg.Connection) -> str:
    return (admin.info.parameter_status("server_version") or "").split(maxsplit=1)[0]
