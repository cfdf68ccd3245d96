"""A server of our own: databases, roles, rights and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from bot.observe.room import Room
from bot.observe.server import Address, Server, ServerError, ServerOptions, start_server

Login = Callable[[Address], psycopg.Connection]


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """An empty database."""
    name = server.create("Some label")
    yield name
    server.drop(name)


def test_the_owner_owns_its_database_and_nothing_else(
    server: Server, database: str, as_owner: Login
) -> None:
    """No superuser, no way into the bot's databases or to the operating system."""
    with as_owner(server.address(database)) as connection:
        connection.execute("CREATE TABLE t (id int); DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public; CREATE TABLE public.t (id int)")
        for refused in (
            "COPY public.t FROM PROGRAM 'id'",
            "CREATE DATABASE another",
            "SELECT * FROM pg_catalog.pg_authid",
            "CREATE EXTENSION file_fdw",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(refused)
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
    for closed in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            as_owner(server.address(closed))


def test_a_superuser_only_when_asked_for(room: Room, as_owner: Login) -> None:
    """``superuser=True`` is the explicit choice."""
    started = start_server(ServerOptions(superuser=True), room)
    with started, as_owner(started.address(started.create("a"))) as connection:
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == (True,)


def test_a_clone_is_equal_to_its_template(server: Server, database: str, as_owner: Login) -> None:
    """Tables, and what CREATE DATABASE leaves behind: settings, comment, privileges."""
    with as_owner(server.address(database)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
        name = psycopg.sql.Identifier(database)
        for statement in (
            "ALTER DATABASE {} SET search_path = public, \"Odd, 'name'\"",
            "ALTER DATABASE {} SET application_name = 'it''s'",
            "ALTER ROLE CURRENT_USER IN DATABASE {} SET lock_timeout = '3s'",
            "COMMENT ON DATABASE {} IS 'it''s'",
            "REVOKE ALL ON DATABASE {} FROM PUBLIC",
            "GRANT TEMPORARY ON DATABASE {} TO pg_monitor WITH GRANT OPTION",
        ):
            connection.execute(psycopg.sql.SQL(statement).format(name))
        copy = server.clone(database, "copy")  # although somebody is connected
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with server.connect(copy) as connection:
        assert connection.execute("SELECT id FROM public.kept").fetchone() == (1,)
        properties = [
            connection.execute(
                "SELECT d.datname, (SELECT array_agg((setrole, setconfig)::text ORDER BY setrole)"
                " FROM pg_db_role_setting WHERE setdatabase = d.oid),"
                " shobj_description(d.oid, 'pg_database'),"
                " (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a)"
                " FROM pg_database d WHERE datname = %s",
                (name,),
            ).fetchone()
            for name in (database, copy)
        ]
    first, second = properties
    assert first is not None
    assert second is not None
    assert first[1:] == second[1:]
    assert None not in first
    server.drop(copy)
    server.drop(copy)  # gone already


def test_disconnect_ends_others_and_spares_the_bot(
    server: Server, database: str, as_owner: Login
) -> None:
    """The target's forgotten sessions go, open transactions included."""
    with server.connect(database) as own, as_owner(server.address(database)) as other:
        other.execute("BEGIN; CREATE TABLE t (id int)")
        server.disconnect(database)
        assert own.execute("SELECT to_regclass('public.t')").fetchone() == (None,)
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")


def test_only_databases_of_the_run_are_dropped(server: Server) -> None:
    """A wrong name is refused, not dropped."""
    with pytest.raises(ServerError, match="not created by this run"):
        server.drop("template1")


def test_roles_of_a_migration_are_dropped(server: Server, database: str, as_owner: Login) -> None:
    """With what they own and may do; roles from before stay."""
    if server.major < 16:
        pytest.skip("an owner cannot create roles before PostgreSQL 16")
    before = server.roles()
    with as_owner(server.address(database)) as connection:
        connection.execute("CREATE ROLE reader; CREATE ROLE app; CREATE TABLE t (id int)")
        connection.execute("GRANT SELECT ON t TO reader; ALTER SCHEMA public OWNER TO app")
        connection.execute("ALTER TABLE t OWNER TO app")
        connection.execute(
            psycopg.sql.SQL("GRANT CREATE ON DATABASE {} TO reader").format(
                psycopg.sql.Identifier(database)
            )
        )
    assert server.roles() - before == {"reader", "app"}
    assert server.drop_roles(server.roles()) == before
    assert server.roles() == before
