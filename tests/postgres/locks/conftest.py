"""Statements run by the real probe on a real server, and what the bot saw of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest

from bot.facts import Direction
from bot.observe.answers import Ran
from bot.observe.pipes import Pipes
from bot.observe.protocol import VersionTable
from bot.observe.room import Room
from bot.observe.server import Server, ServerOptions, start_server
from bot.observe.session import Session
from bot.observe.stage import Stage
from bot.projects import Environment

PROBE = Path(__file__).parents[3] / "bot" / "observe" / "probe"
# Another interpreter to run the probe in: see tests/postgres/probe/versions.py.
PYTHON = os.environ.get("DB_RECHECK_PROBE_PYTHON", sys.executable)
DRIVER = os.environ.get("DB_RECHECK_PROBE_DRIVER", "psycopg")
_NO_DRIVER = ("NoSuchModuleError", "ModuleNotFoundError")
DOWNLOADS = Path(sys.prefix, "postgresql")  # majors that the machine lacks, fetched once
START = Path(__file__).with_name("start.sql")
ENVIRONMENT = Environment(
    "alembic.ini", "ini", "alembic", "", "migrations", ("migrations/versions",), sys_path=("",)
)
INI = "[alembic]\nscript_location = migrations\nsqlalchemy.url = postgresql://a@b/c\n"
ENV_PY = """
import json
from pathlib import Path

import sqlalchemy as sa
from alembic import context

ORDER = json.loads(Path("order.json").read_text())
URL = f"postgresql+{ORDER['driver']}://a@b/c"


def migrate(connection):
    for setting in ORDER["settings"]:
        getattr(connection, "exec_driver_sql", connection.execute)(setting)
    if ORDER["settings"] and hasattr(connection, "commit"):
        connection.commit()  # Alembic leaves a transaction alone that it did not begin
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


if ORDER["driver"] == "asyncpg":
    import asyncio
    from sqlalchemy.ext.asyncio import create_async_engine

    async def main():
        async with create_async_engine(URL, **ORDER["engine"]).connect() as connection:
            await connection.run_sync(migrate)

    asyncio.run(main())
else:
    with sa.create_engine(URL, **ORDER["engine"]).connect() as connection:
        migrate(connection)
"""
REVISION = """
import json
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "row"
down_revision = None


class Undone(Exception):
    pass


def upgrade():
    order = json.loads(Path("order.json").read_text())
    for command in order["before"]:
        op.execute(command)
    if order["alone"]:
        with op.get_context().autocommit_block():
            run(order)
    else:
        run(order)
    if order["undo"]:
        raise Undone


def run(order):
    for command in order["commands"]:
        nested = op.get_bind().begin_nested() if order["apart"] else None
        op.execute(command)
        if nested is not None:
            nested.rollback()
    exec(order["python"], globals())


def downgrade():
    pass
"""


@dataclass(frozen=True)
class Order:
    """What one run of the revision does.

    ``before`` and ``commands`` are statements, ``python`` is code that follows them. ``alone`` puts
    all but ``before`` into an autocommit block; ``apart`` undoes each command before the next, by a
    savepoint; ``undo`` raises at the end, so that the database is left as it was. ``settings`` run
    first of all on each connection; ``engine`` are arguments of create_engine.
    """

    commands: Sequence[str] = ()
    before: Sequence[str] = ()
    python: str = ""
    alone: bool = False
    apart: bool = False
    undo: bool = True
    driver: str = DRIVER
    settings: Sequence[str] = ()
    engine: Mapping[str, Any] = field(default_factory=dict)


class Bench:
    """One server, one probe, one revision that runs what it is told."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._tree = folder
        self._template = server.create("start")
        with server.connect(self._template) as connection:
            connection.execute(f"SET ROLE {server.address('').user}")
            connection.execute("SET search_path = public")
            connection.execute(START.read_bytes())
            rows = connection.execute(
                "SELECT oid::bigint FROM pg_class WHERE oid >= 16384"
            ).fetchall()
        self._existed = frozenset(int(str(row[0])) for row in rows)
        self._write()
        self._pipes = Pipes()
        there, back = self._pipes.theirs
        self._process = subprocess.Popen(
            [PYTHON, "-B", "-u", str(PROBE), "--session", f"{there},{back}"],
            pass_fds=(there, back),
            stdin=subprocess.DEVNULL,
        )
        self._pipes.close_theirs()
        environ = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        self.session = Session(self._pipes, environ, lambda _: self._process.kill(), lambda: "")
        self._shared: Stage | None = None
        self._open = False

    def run(self, order: Order) -> Ran:
        """Run it on a database that holds start.sql; a clone of its own unless it is undone."""
        stage = self.stage(fresh=not order.undo or order.alone)
        ran = self.run_on(stage, order)
        if stage is not self._shared:
            stage.leave()
            self.server.drop(stage.database)
        return ran

    def run_on(self, stage: Stage, order: Order) -> Ran:
        """Run it on that database."""
        if not self._open:
            address = self.server.address(stage.database)
            found = self.session.open(self._tree, ENVIRONMENT, address, deadline=60)
            assert found.environment == "project", found.environment_note
            self._open = True
        (self._tree / "order.json").write_text(json.dumps(vars(order)))
        ran = stage.run(Direction.UPGRADE, ("row",), trace=True)
        lacking = ran.failure is not None and ran.failure.exception in _NO_DRIVER
        if lacking and sys.executable != PYTHON:
            pytest.skip(f"{order.driver} is not there for the probe's interpreter")
        return ran

    def stage(self, *, fresh: bool = True) -> Stage:
        """A clone of the database with start.sql in it."""
        if not fresh and self._shared is not None:
            return self._shared
        database = self.server.clone(self._template, "row")
        made = Stage(
            self.server,
            self.session,
            VersionTable(),
            database,
            lambda: 60.0,
            (),
            self._existed,
            looks=False,
        )
        if not fresh:
            self._shared = made
        return made

    def _write(self) -> None:
        (self._tree / "migrations" / "versions").mkdir(parents=True)
        (self._tree / "alembic.ini").write_text(INI)
        (self._tree / "order.json").write_text(json.dumps(vars(Order())))
        (self._tree / "migrations" / "env.py").write_text(ENV_PY)
        (self._tree / "migrations" / "versions" / "row.py").write_text(REVISION)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self._process.kill()
        self._process.wait()


class Benches:
    """A bench for each major, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ending = ExitStack()

    @cache  # noqa: B019 - one object a session
    def __call__(self, major: int | None = None) -> Bench:
        """The bench on that major, the embedded one by default.

        Raises:
            ServerError: it is not to be had here.
        """
        folder = self._folder / str(major)
        folder.mkdir()
        options = ServerOptions(major=major, path=os.environ.get("PATH", ""), downloads=DOWNLOADS)
        room = self._ending.enter_context(Room(folder))
        server = self._ending.enter_context(start_server(options, room))
        tree = folder / "tree"
        return self._ending.enter_context(Bench(server, tree))

    def close(self) -> None:
        """End them all."""
        self._ending.close()


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Benches]:
    """Benches on every major that is to be had."""
    made = Benches(tmp_path_factory.mktemp("locks"))
    yield made
    made.close()


@pytest.fixture
def bench(benches: Benches) -> Bench:
    """The bench on the embedded major."""
    return benches()
