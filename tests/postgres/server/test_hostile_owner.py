"""What the scratch role cannot do, on each version, and what it cannot make the bot do."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bot.observe.layers import has_landlock, has_seccomp
from bot.observe.protocol import VersionTable
from bot.observe.room import Room
from bot.observe.server import Address, Server, ServerOptions, start_server
from bot.observe.version_rows import version_rows

Login = Callable[[Address], psycopg.Connection]
VERSIONS = VersionTable("alembic_version", None)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """An empty database."""
    name = server.create("Hostile")
    yield name
    server.drop(name)


@pytest.fixture
def owner(server: Server, database: str, as_owner: Login) -> Iterator[psycopg.Connection]:
    """The target's connection."""
    with as_owner(server.address(database)) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        # the operating system
        "CREATE TABLE o (l text); COPY o FROM PROGRAM 'id'",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/tmp/written-by-postgres'",
        "CREATE TABLE o (l text); COPY o FROM '/etc/passwd'",
        "SELECT pg_catalog.pg_read_file('/etc/passwd')",
        "SELECT pg_catalog.pg_read_binary_file('/etc/passwd')",
        "SELECT pg_catalog.pg_ls_dir('/')",
        "SELECT pg_catalog.pg_stat_file('/etc/passwd')",
        "SELECT pg_catalog.lo_import('/etc/passwd')",
        "SELECT pg_catalog.lo_export(1, '/tmp/written-by-postgres')",
        "LOAD '/tmp/library.so'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/tmp/library.so', 'f'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'pg_backend_pid'",
        "CREATE TABLESPACE t LOCATION '/tmp'",
        # the network
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION postgres_fdw",
        "CREATE EXTENSION file_fdw",
        "CREATE FOREIGN DATA WRAPPER w",
        "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false)",
        # the server
        "ALTER SYSTEM SET log_statement = 'all'",
        "SELECT pg_catalog.pg_reload_conf()",
        "SELECT pg_catalog.pg_rotate_logfile()",
        "SELECT pg_catalog.pg_switch_wal()",
        "SELECT pg_catalog.pg_create_restore_point('x')",
        "SELECT pg_catalog.pg_promote()",
        "CHECKPOINT",
        "SET session_replication_role = 'replica'",
        "SET log_statement = 'all'",
        "SET session_preload_libraries = 'x'",
        "SET temp_file_limit = -1",
        "ALTER ROLE current_user SET session_preload_libraries = 'x'",
        "CREATE EVENT TRIGGER t ON ddl_command_start EXECUTE FUNCTION x()",
        # rights and roles
        "CREATE ROLE r SUPERUSER",
        "CREATE ROLE r REPLICATION",
        "CREATE ROLE r BYPASSRLS",
        "CREATE ROLE r CREATEDB",
        "ALTER ROLE current_user SUPERUSER",
        "ALTER ROLE db_recheck PASSWORD 'x'",
        "ALTER ROLE db_recheck RENAME TO x",
        "DROP ROLE db_recheck",
        "SET ROLE db_recheck",
        "SET SESSION AUTHORIZATION db_recheck",
        "GRANT db_recheck TO current_user",
        "GRANT pg_execute_server_program TO current_user",
        "GRANT pg_read_server_files TO current_user",
        "GRANT pg_signal_backend TO current_user",
        "GRANT pg_monitor TO current_user",
        "SELECT * FROM pg_catalog.pg_authid",
        "UPDATE pg_catalog.pg_database SET datname = 'x'",
        "REASSIGN OWNED BY db_recheck TO current_user",
        # other databases
        "CREATE DATABASE another",
        "DROP DATABASE template1",
        "ALTER DATABASE postgres OWNER TO current_user",
        "ALTER DATABASE template1 SET search_path = 'x'",
    ],
)
def test_the_scratch_role_is_refused(owner: psycopg.Connection, statement: str) -> None:
    """By PostgreSQL itself, with an error and no effect."""
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)
    with pytest.raises(psycopg.Error) as caught:
        owner.execute(statement.encode())
    state = caught.value.sqlstate or ""
    if "EXTENSION" in statement and state in ("0A000", "58P01"):
        pytest.skip("this server does not have that extension")
    assert isinstance(caught.value, refusals) or state in ("42501", "22023"), caught.value


def test_the_bots_sessions_are_out_of_its_reach(
    server: Server, database: str, owner: psycopg.Connection
) -> None:
    """It ends its own sessions alone."""
    with server.connect(database) as own:
        pid = own.info.backend_pid
        for function in ("pg_terminate_backend", "pg_cancel_backend"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(
                    sql.SQL("SELECT {}({})").format(sql.Identifier("pg_catalog", function), pid)
                )
        assert own.execute("SELECT 1").fetchone() == (1,)


def test_it_does_not_keep_the_bot_out_by_connecting(
    server: Server, database: str, as_owner: Login
) -> None:
    """Some connections are nobody's but a superuser's."""
    with ExitStack() as stack:
        with pytest.raises(psycopg.OperationalError, match="reserved"):
            _connect_for_ever(stack, lambda: as_owner(server.address(database)))
        for _ in range(6):
            own = stack.enter_context(server.connect(database))
            assert own.execute("SELECT 1").fetchone() == (1,)


def _connect_for_ever(stack: ExitStack, connect: Callable[[], psycopg.Connection]) -> None:
    while True:
        stack.enter_context(connect())


@pytest.fixture
def superuser(request: pytest.FixtureRequest, as_owner: Login) -> Iterator[psycopg.Connection]:
    """The target's connection where superuser = true was asked for, without some layers."""
    without = frozenset(getattr(request, "param", ()))
    options = ServerOptions(superuser=True, without=without)
    with (
        Room(Path(tempfile.gettempdir())) as room,
        start_server(options, room) as server,
        as_owner(server.address(server.create("super"))) as connection,
    ):
        connection.execute("CREATE TABLE said (line text)")
        yield connection


@pytest.mark.parametrize(
    ("superuser", "command", "says"),
    [
        ([], "python3 -c 'import socket; socket.socket()'", "PermissionError"),
        (["seccomp"], "python3 -c 'import socket; socket.socket(); print(1)'", "1"),
        ([], f"cat {Path(__file__).parents[3]}/pyproject.toml", "Permission denied"),
        (["landlock"], f"head -n 1 {Path(__file__).parents[3]}/pyproject.toml", "["),
    ],
    indirect=["superuser"],
)
def test_programs_of_a_superuser_are_as_confined_as_the_server(
    superuser: psycopg.Connection, command: str, says: str
) -> None:
    """COPY … PROGRAM is anybody's shell, under the server's user and layers."""
    if Path(tempfile.gettempdir()) in Path(__file__).parents or not (
        has_landlock() and has_seccomp()
    ):
        pytest.skip("nothing is out of reach here")
    quoted = command.replace("'", "''")
    superuser.execute(f"COPY said FROM PROGRAM '({quoted}) 2>&1 || true'".encode())
    rows = superuser.execute("SELECT line FROM said").fetchall()
    assert says in "\n".join(str(line) for (line,) in rows)


def test_a_query_ends_with_its_client(server: Server, database: str, as_owner: Login) -> None:
    """A session that was killed leaves nothing running behind."""
    if server.major < 14:
        pytest.skip("the server does not notice before version 14")
    connection = as_owner(server.address(database))
    pid = connection.info.backend_pid
    connection.pgconn.send_query(b"DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
    connection.pgconn.flush()
    with server.connect(database) as own:
        alive = f"SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = {pid}".encode()
        assert own.execute(alive).fetchone() == (1,)
        connection.pgconn.finish()
        until = time.monotonic() + 10
        while own.execute(alive).fetchone() != (0,):
            assert time.monotonic() < until
            time.sleep(0.1)


TRAP = """
    CREATE TYPE v AS (x text);
    CREATE FUNCTION trap(v) RETURNS text LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''trapped as %'', session_user; END';
    CREATE CAST (v AS text) WITH FUNCTION trap(v);
    CREATE TABLE alembic_version (version_num v);
    INSERT INTO alembic_version VALUES (ROW('a1'))
"""


def test_no_cast_of_a_stranger_runs_as_the_bot(
    server: Server, database: str, owner: psycopg.Connection
) -> None:
    """A superuser who converts a value runs its type's function."""
    owner.execute(TRAP.encode())
    with pytest.raises(psycopg.errors.RaiseException, match="trapped as"):
        owner.execute("SELECT version_num::text FROM alembic_version")
    with server.connect(database) as own:
        assert version_rows(own, VERSIONS) == ("(a1)",)


def test_a_view_in_the_tables_place_is_not_read(
    server: Server, database: str, owner: psycopg.Connection
) -> None:
    """Its functions would run as the bot."""
    owner.execute("CREATE VIEW alembic_version AS SELECT 1 / 0 AS version_num")
    with server.connect(database) as own:
        assert version_rows(own, VERSIONS) == ()


def test_a_locked_version_table_is_an_error_and_no_wait(
    server: Server, database: str, owner: psycopg.Connection
) -> None:
    """The facts then say that it was not seen."""
    owner.execute("CREATE TABLE alembic_version (version_num text)")
    owner.execute("BEGIN; LOCK TABLE alembic_version")
    with server.connect(database) as own, pytest.raises(psycopg.errors.LockNotAvailable):
        version_rows(own, VERSIONS)


def test_settings_of_the_database_are_not_the_bots(
    server: Server, database: str, owner: psycopg.Connection
) -> None:
    """Its owner may have said how sessions in it begin."""
    before = owner.execute("SELECT current_user").fetchone()
    for setting in (
        f"role = {before[0] if before else ''}",
        "standard_conforming_strings = off",
        "default_transaction_read_only = on",
        "search_path = public",
        "client_encoding = 'LATIN1'",
        "statement_timeout = 1",
    ):
        owner.execute(f"ALTER DATABASE {database} SET {setting}".encode())
    with server.connect(database) as own:
        assert own.execute("SELECT current_user = session_user").fetchone() == (True,)
        assert own.execute(r"SELECT 'a\\b'").fetchone() == (r"a\\b",)
        assert own.execute("SHOW client_encoding").fetchone() == ("UTF8",)
        assert own.execute("SHOW statement_timeout").fetchone() == ("0",)
        own.execute("CREATE TABLE public.made (id int)")


def test_a_database_that_takes_no_connections_is_opened_again(
    server: Server, database: str, owner: psycopg.Connection, as_owner: Login
) -> None:
    """Its owner may close it, to everybody."""
    other = server.create("other")
    with as_owner(server.address(other)) as elsewhere:
        owner.close()
        elsewhere.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false".encode())
    with pytest.raises(psycopg.OperationalError, match="not currently accepting"):
        as_owner(server.address(database))
    with server.connect(database) as own:
        assert own.execute("SELECT 1").fetchone() == (1,)
    server.drop(other)
