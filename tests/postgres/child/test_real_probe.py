"""The real probe, confined, against a real server: what a revision can reach and what stops it."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.facts import Direction, FailureKind
from bot.observe.child import CannotOpen, ChildGone, Opened, Probe, Session
from bot.observe.interpreter import Interpreter
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox, prepare_sandbox
from bot.observe.server import Server, ServerOptions, start_server
from bot.projects import Environment

ENVIRONMENT = Environment(
    "alembic.ini", "ini", "alembic", "", "migrations", ("migrations/versions",), sys_path=("",)
)
ENV_PY = """
import os
from alembic import context
from sqlalchemy import create_engine

engine = create_engine(os.environ["APP_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"))
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One run directory for the module."""
    with Room(tmp_path_factory.mktemp("room")) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox(room: Room) -> Sandbox:
    """Every layer that this machine has."""
    return prepare_sandbox(room)


@pytest.fixture(scope="module")
def server(room: Room) -> Iterator[Server]:
    """The embedded server."""
    with start_server(ServerOptions(), room) as started:
        yield started


@pytest.fixture
def tree(room: Room, sandbox: Sandbox, request: pytest.FixtureRequest) -> Path:
    """An exported tree without revisions; each test has its own."""
    folder = room.folder(request.node.name, mode=0o755)
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (folder / "migrations" / "env.py").write_text(ENV_PY)
    sandbox.hand_over(folder)
    return folder


def revision(tree: Path, upgrade: str) -> None:
    """Write the one revision."""
    body = textwrap.indent(textwrap.dedent(upgrade).strip(), "    ")
    (tree / "migrations" / "versions" / "a1.py").write_text(
        '"""Add it."""\nimport os, time\nfrom alembic import op\n'
        f'revision = "a1"\ndown_revision = None\n\n\ndef upgrade():\n{body}\n'
    )


@pytest.fixture
def probe(room: Room, sandbox: Sandbox, tree: Path) -> Iterator[Probe]:
    """This test's interpreter, with the setting that env.py wants."""
    with Probe.start(
        Interpreter(Path(sys.executable)),
        1,
        sandbox,
        room,
        readable=[tree],
        environment={"APP_DATABASE_URL": "{url}"},
        memory_bytes=400 * 2**20,
    ) as started:
        yield started


def opened(probe: Probe, server: Server, tree: Path) -> tuple[Session, str, Opened]:
    """The session with the tree open on a new database."""
    database = server.create("child")
    session = probe.sessions[0]
    address = server.address(database)
    return session, database, session.open(tree, ENVIRONMENT, address, deadline=30)


def test_a_revision_runs_through_the_projects_environment(
    probe: Probe, server: Server, tree: Path
) -> None:
    """Its setting is filled with the scratch database's URL, and its statement is traced."""
    revision(tree, "op.execute('CREATE TABLE t (id int)')")
    session, database, found = opened(probe, server, tree)
    assert (found.environment, found.assumed) == ("project", ())
    assert [item.path for item in found.chain.revisions] == ["migrations/versions/a1.py"]
    ran = session.run(database, Direction.UPGRADE, trace=True, deadline=20)
    assert ran.failure is None
    assert [(item.path, item.line) for item in ran.statements] == [("migrations/versions/a1.py", 9)]
    assert ran.expected_heads == ("a1",)
    with server.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('public.t')::text").fetchone() == (
            "public.t",
        )


def test_a_revision_reaches_no_secret_of_ours(
    probe: Probe, server: Server, room: Room, tree: Path, sandbox: Sandbox
) -> None:
    """Not our environment, not the server's files, not the other processes' memory."""
    if sandbox.uid is None:
        pytest.skip("only root can switch the user")
    revision(
        tree,
        f"""
        seen = []
        for path in ("/proc/{os.getpid()}/environ", "/proc/{os.getpid()}/root"):
            try:
                os.listdir(path) if os.path.isdir(path) else open(path, "rb").read()
                seen.append(path)
            except OSError:
                pass
        for folder, _, files in os.walk("{room.path}"):
            for name in files:
                path = os.path.join(folder, name)
                own = ("{tree}", "{room.path}/probe", os.environ["HOME"])
                if not path.startswith(own) and os.access(path, os.R_OK):
                    seen.append(path)
        for name in os.listdir("{room.path.parent}"):
            if name.startswith("db-recheck-") and os.access("{room.path.parent}/" + name, os.R_OK):
                seen.append(name)
        if seen:
            raise RuntimeError(f"reached {{seen}}")
        """,
    )
    session, database, _ = opened(probe, server, tree)
    ran = session.run(database, Direction.UPGRADE, deadline=20)
    assert ran.failure is None


def test_a_revision_that_waits_for_ever_is_stopped_and_its_database_is_free_again(
    probe: Probe, server: Server, tree: Path
) -> None:
    """The failure is at its statement; nothing of it runs on."""
    revision(tree, "op.execute('CREATE TABLE t ()')\nop.execute('SELECT pg_sleep(60)')")
    session, database, _ = opened(probe, server, tree)
    ran = session.run(database, Direction.UPGRADE, trace=True, deadline=1)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.TIMEOUT
    assert ran.failure.statement == "SELECT pg_sleep(60)"
    assert (ran.revision, ran.failure.line) == ("a1", 10)
    server.disconnect(database)
    server.drop(database)


def test_a_revision_that_eats_memory_is_stopped(probe: Probe, server: Server, tree: Path) -> None:
    """By the guard or by Python, told as memory."""
    revision(
        tree, "held = []\nwhile True:\n    held.append(bytearray(2 * 10**7))\n    time.sleep(0.01)"
    )
    session, database, _ = opened(probe, server, tree)
    ran = session.run(database, Direction.UPGRADE, trace=True, deadline=30)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.MEMORY


def test_a_tree_without_its_script_location_cannot_be_opened(
    probe: Probe, server: Server, tree: Path
) -> None:
    """The session lives on and can be asked again."""
    revision(tree, "pass")
    session = probe.sessions[0]
    address = server.address(server.create("child"))
    (tree / "migrations").rename(tree / "moved")
    with pytest.raises(CannotOpen):
        session.open(tree, ENVIRONMENT, address, deadline=30)
    (tree / "moved").rename(tree / "migrations")
    assert session.alive
    assert session.open(tree, ENVIRONMENT, address, deadline=30).chain.heads == ("a1",)


def test_another_session_needs_no_imports_and_outlives_its_neighbours(
    probe: Probe, server: Server, tree: Path
) -> None:
    """A session on demand has its own environment, runs like the first, and dies alone."""
    for session in probe.sessions:
        session.close()
    first, second = (probe.another({"WHO": who}) for who in "ab")
    first.condemn(FailureKind.KILLED, "by the test")
    revision(tree, "pass")
    database = server.create("on_demand")
    found = second.open(tree, ENVIRONMENT, server.address(database), deadline=20)
    assert found.chain.revisions
    second.close()
    states = [probe.alive]
    probe.close()
    states.append(probe.alive)
    assert states == [True, False]
    with pytest.raises(ChildGone):
        probe.another({}).open(tree, ENVIRONMENT, server.address(database), deadline=5)


def test_clients_of_services_are_made_where_nothing_can_be_reached(
    probe: Probe, server: Server, tree: Path
) -> None:
    """As on a machine without a network: a socket opens, and every address has no route."""
    revision(
        tree,
        """
        import errno, socket, urllib.request
        statistics = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        statistics.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        cache = socket.socket(socket.AF_INET6)
        cache.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert cache.family == socket.AF_INET6, cache.family
        met = [cache.connect_ex(("::1", 6379))]
        for call in (
            lambda: statistics.sendto(b"up:1|c", ("127.0.0.1", 8125)),
            lambda: cache.connect(("::1", 6379)),
            lambda: socket.create_connection(("127.0.0.1", 6379)),
            lambda: urllib.request.urlopen("http://127.0.0.1:4318/v1/traces"),
        ):
            try:
                call()
            except OSError as error:
                met.append(getattr(error, "reason", error).errno)
        assert met == [errno.ENETUNREACH] * 5, met
        one, other = socket.socketpair()
        one.sendall(b"kept"), other.recv(4)
        op.execute("CREATE TABLE t (id int)")
        """,
    )
    session, database, found = opened(probe, server, tree)
    assert [item.path for item in found.chain.revisions] == ["migrations/versions/a1.py"]
    ran = session.run(database, Direction.UPGRADE, trace=True, deadline=20)
    assert ran.failure is None
