"""The way from a child without network to a server of the user's, over TCP with and without TLS."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.observe.reach import interpreter_folders
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox, prepare_sandbox
from bot.observe.server import Address, Server, ServerError, ServerOptions, start_server
from tests.postgres.server.tls import speaking_tls


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user can enter."""
    with tempfile.TemporaryDirectory(prefix="forwarder-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def port(place: Path) -> Iterator[int]:
    """A server on the loopback's network that speaks TLS; its certificate is ``root.crt``."""
    with speaking_tls(place) as number:
        yield number


@pytest.fixture(scope="module", params=["disable", "require", "verify-full"])
def service(
    request: pytest.FixtureRequest, port: int, place: Path, room: Room
) -> Iterator[tuple[Server, bool]]:
    """The bot on that server, and whether it came over TLS."""
    url = f"postgresql://app:p%40ss%20word@localhost:{port}/postgres?sslmode={request.param}"
    if request.param == "verify-full":
        url += f"&sslrootcert={place / 'root.crt'}&channel_binding=require"
    with start_server(ServerOptions(url=url), room) as server:
        yield server, request.param != "disable"


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    """A room for the module."""
    with Room(Path(tempfile.gettempdir())) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox(room: Room) -> Sandbox:
    """A child's, with every layer that this machine has."""
    return prepare_sandbox(room)


@pytest.fixture
def database(service: tuple[Server, bool]) -> Iterator[Address]:
    """An empty scratch database, as the target's code reaches it."""
    name = service[0].create("forward")
    yield service[0].address(name)
    service[0].drop(name)


def connect(address: Address, **more: Any) -> psycopg.Connection:
    """As the target's code would."""
    return psycopg.connect(
        host=address.host,
        port=address.port,
        user=more.pop("user", address.user),
        password=address.password,
        dbname=more.pop("dbname", address.database),
        autocommit=True,
        **more,
    )


QUERY = """
    SELECT current_user::text || ' ' || ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()
"""
DRIVERS = {
    "psycopg": """
        import psycopg
        with psycopg.connect(host=host, port=port, user=user, password=password, dbname=name) as c:
            answer = c.execute(query).fetchone()[0]
    """,
    "psycopg2": """
        import psycopg2
        c = psycopg2.connect(host=host, port=port, user=user, password=password, dbname=name)
        cursor = c.cursor()
        cursor.execute(query)
        answer = cursor.fetchone()[0]
    """,
    "asyncpg": """
        import asyncio, asyncpg
        async def ask():
            c = await asyncpg.connect(
                host=host, port=port, user=user, password=password, database=name
            )
            return await c.fetchval(query)
        answer = asyncio.run(ask())
    """,
    "pg8000": """
        import pg8000.dbapi
        c = pg8000.dbapi.connect(
            user, password=password, database=name, unix_sock=f"{host}/.s.PGSQL.{port}"
        )
        cursor = c.cursor()
        cursor.execute(query)
        answer = cursor.fetchone()[0]
    """,
}


@pytest.mark.parametrize("driver", sorted(DRIVERS))
def test_every_driver_gets_through_without_a_network(
    driver: str, service: tuple[Server, bool], database: Address, sandbox: Sandbox, port: int
) -> None:
    """From inside the sandbox. TLS begins at the forwarder, if the bot's own connection has it."""
    given = [database.host, database.port, database.user, database.password, database.database]
    code = f"""
import json, socket
host, port, user, password, name = {given!r}
query = {QUERY!r}
{textwrap.dedent(DRIVERS[driver])}
try:
    socket.create_connection(("127.0.0.1", {port}), 3)
    direct = "reached"
except OSError as error:
    direct = type(error).__name__
print(json.dumps([answer, direct]))
"""
    python = Path(sys.executable)
    listen, speak = os.pipe()
    process = sandbox.start(
        [str(python), "-c", code],
        sandbox.environment(python, {}),
        readable=interpreter_folders(python),
        output=speak,
    )
    os.close(speak)
    with os.fdopen(listen) as stream:
        said = stream.read()
    assert process.wait(20) == 0, said
    answer, direct = json.loads(said)
    assert answer == f"{database.user} {'true' if service[1] else 'false'}"
    if sandbox.describe() == "full":
        assert direct == "PermissionError"


def test_nothing_but_the_scratch_role_in_scratch_databases_gets_through(
    database: Address, port: int
) -> None:
    """Whatever password somebody knows."""
    for more, why in (
        ({"dbname": "postgres"}, "only scratch databases"),
        ({"user": "app", "dbname": "postgres"}, "only the scratch role"),
        ({"replication": "database"}, "replication is not"),
    ):
        with pytest.raises(psycopg.OperationalError, match=why):
            connect(database, **more)
    assert port


def test_a_query_is_canceled_by_its_own_client_alone(database: Address) -> None:
    """By the key of a session that came this way; another key leads nowhere."""
    with connect(database) as connection:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(f"{database.host}/.s.PGSQL.{database.port}")
            forged = connection.info.backend_pid.to_bytes(4, "big") + bytes(4)
            raw.sendall((16).to_bytes(4, "big") + (80877102).to_bytes(4, "big") + forged)
            assert raw.recv(1) == b""
        assert connection.execute("SELECT 1").fetchone() == (1,)
        timer = threading.Timer(0.5, connection.cancel)
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(20)")
        timer.join()


def test_much_goes_both_ways_at_once(database: Address) -> None:
    """A client that sends everything before it reads anything."""
    big = "x" * 200_000
    with connect(database) as connection, connection.pipeline(), connection.cursor() as cursor:
        cursor.executemany("SELECT %s::text", [(big,)] * 40, returning=True)
        sizes = []
        while True:
            row = cursor.fetchone()
            sizes.append(len(row[0]) if row else 0)
            if not cursor.nextset():
                break
    assert sizes == [200_000] * 40


def test_garbage_and_silence_hurt_nobody(database: Address) -> None:
    """Each connection is one thread's; the next client is served."""
    for data in (b"", b"\0\0\0\x04", b"\xff" * 200, b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08\0\0"):
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(f"{database.host}/.s.PGSQL.{database.port}")
            raw.sendall(data)
    with connect(database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_connections_are_bounded_and_free_again(database: Address) -> None:
    """More are told so; who goes makes room."""
    with ExitStack() as stack:
        for _ in range(40):
            held = stack.enter_context(socket.socket(socket.AF_UNIX))
            held.connect(f"{database.host}/.s.PGSQL.{database.port}")
        with pytest.raises(psycopg.OperationalError, match="more than 40 connections"):
            connect(database)
    until = time.monotonic() + 10
    while True:
        try:
            connect(database).close()
            break
        except psycopg.OperationalError:
            assert time.monotonic() < until
            time.sleep(0.1)


def test_a_certificate_that_is_not_believed_is_told(port: int, place: Path, room: Room) -> None:
    """By the bot's own connection already."""
    wrong = place / "wrong.crt"
    shutil.copyfile(place / "root.crt", wrong)
    url = f"postgresql://app:p%40ss%20word@127.0.0.1:{port}/postgres?sslmode=verify-full"
    with pytest.raises(ServerError, match="cannot be used"):
        start_server(ServerOptions(url=f"{url}&sslrootcert={wrong}"), room)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has users to give away")
def test_another_users_process_is_refused(database: Address) -> None:
    """Who may connect is asked of the kernel."""
    code = (
        "import socket; s = socket.socket(1);"
        f" s.connect('{database.host}/.s.PGSQL.{database.port}');"
        " s.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47])); print(s.recv(200))"
    )
    python = shutil.which("python3", path=os.defpath)
    if python is None:
        pytest.skip("no Python that an ordinary user could run")
    done = subprocess.run(
        [python, "-c", code],
        user=1,
        group=1,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "only the migrations' user" in done.stdout, done.stderr


def test_the_way_ends_with_the_server(service: tuple[Server, bool], room: Room, port: int) -> None:
    """And with the room, should the bot be killed before."""
    assert service
    url = f"postgresql://app:p%40ss%20word@localhost:{port}/postgres"
    server = start_server(ServerOptions(url=url, shared_server=True), room)
    address = replace(server.address(server.create("short")))
    with connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.close()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        connect(address)
