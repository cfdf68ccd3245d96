"""A scratch server for the whole session and a client that speaks the probe's protocol."""

from __future__ import annotations

import itertools
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from bot.observe.room import Room
from bot.observe.server import Server, ServerOptions, start_server

PROBE = Path(__file__).parents[3] / "bot" / "observe" / "probe"
# Another interpreter to run the probe in, and a driver that it has: see versions.py in this folder.
PYTHON = os.environ.get("DB_RECHECK_PROBE_PYTHON", sys.executable)
DRIVER = os.environ.get("DB_RECHECK_PROBE_DRIVER", "psycopg")
_labels = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One embedded PostgreSQL for all tests of the probe."""
    with (
        Room(tmp_path_factory.mktemp("room")) as room,
        start_server(ServerOptions(), room) as started,
    ):
        yield started


@dataclass
class Reply:
    """An answer and the events that came before it."""

    answer: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)

    def __getitem__(self, key: str) -> Any:
        return self.answer[key]

    def statements(self) -> list[dict[str, Any]]:
        """Traced statements, each with the keys of its ``done`` event."""
        done = {event["seq"]: event for event in self.events if event["event"] == "done"}
        found = [event for event in self.events if event["event"] == "statement"]
        return [{**done.get(event["seq"], {}), **event} for event in found]


class Client:
    """One probe with one session on one tree."""

    def __init__(self, server: Server, tree: Path, python: str = PYTHON) -> None:
        self.server = server
        self.tree = tree
        there, self._write = os.pipe()
        self._read, back = os.pipe()
        self._process = subprocess.Popen(
            [python, "-B", "-u", str(PROBE), "--session", f"{there},{back}"],
            pass_fds=(there, back),
            stdin=subprocess.DEVNULL,
        )
        os.close(there)
        os.close(back)
        self._buffer = b""
        self._numbers = itertools.count(1)
        self.ready = self._line()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._write)
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            os.close(self._read)

    def _line(self) -> dict[str, Any]:
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found and not line:
                self._buffer = rest
            elif found:
                self._buffer = rest
                message: dict[str, Any] = json.loads(line)
                return message
            else:
                ready, _, _ = select.select([self._read], [], [], 60)
                data = os.read(self._read, 65536) if ready else b""
                if not data:
                    raise EOFError("the probe went away or fell silent")
                self._buffer += data

    def ask(self, op: str, **values: Any) -> Reply:
        """Send one request and wait for its answer."""
        number = next(self._numbers)
        os.write(self._write, json.dumps({"id": number, "op": op, **values}).encode() + b"\n")
        events = []
        while "event" in (message := self._line()):
            events.append(message)
        assert message["id"] == number
        return Reply(message, events)

    def open(self, **values: Any) -> Reply:
        """Open the tree's Alembic environment in a new database."""
        self.database = self.server.create(f"probe{next(_labels)}")
        address = self.server.address(self.database)
        environ = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        environ.update(values.pop("environ", {}))
        request: dict[str, Any] = {
            "tree": str(self.tree),
            "workdir": "",
            "kind": "ini",
            "config": "alembic.ini",
            "section": "alembic",
            "script_location": "migrations",
            "version_locations": ["migrations/versions"],
            "options": {},
            "sys_path": [""],
            "environ": environ,
            "address": {
                "host": address.host,
                "port": address.port,
                "user": address.user,
                "password": address.password,
                "database": address.database,
            },
            "changed": [],
            "mode": "project",
        }
        return self.ask("open", **{**request, **values})

    def run(self, direction: str = "upgrade", **values: Any) -> Reply:
        """Run revisions in the database of the last ``open``."""
        if "steps" not in values:
            values.setdefault("target", "heads" if direction == "upgrade" else "base")
        values.setdefault("database", self.database)
        return self.ask("run", direction=direction, **values)

    def query(self, sql: str, database: str | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query over the bot's own connection."""
        with self.server.connect(database or self.database) as connection:
            connection.execute("SET search_path TO public")
            return connection.execute(sql.encode()).fetchall()


INI = """\
[alembic]
script_location = migrations
sqlalchemy.url = {url}
prepend_sys_path = .
"""

ENV = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

target_metadata = None
engine = engine_from_config(
    context.config.get_section(context.config.config_ini_section, {}), poolclass=pool.NullPool
)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
"""

PLAIN_ENV = """\
from alembic import context
{head}
from sqlalchemy import create_engine
with create_engine({url}).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

REVISION = """\
\"\"\"{message}\"\"\"
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down_revision!r}
{extra}

def upgrade():
{upgrade}


def downgrade():
{downgrade}
"""


@dataclass
class Repository:
    """A miniature repository under construction."""

    path: Path
    driver: str = DRIVER

    def write(self, name: str, text: str) -> None:
        """One file."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("+psycopg:", f"+{DRIVER}:"))

    def environment(self, head: str, url: str) -> None:
        """An env.py with these lines and this URL (an expression), and one revision."""
        self.write("migrations/env.py", PLAIN_ENV.format(head=head, url=url))
        self.revision("a1", None, 'op.create_table("t", sa.Column("id", sa.Integer))')

    def revision(
        self,
        name: str,
        down: object = None,
        up: str = "pass",
        back: str = "pass",
        extra: str = "",
        message: str = "a change",
    ) -> str:
        """One revision file; its path. The body of upgrade starts on line 11."""
        path = f"migrations/versions/{name}_x.py"
        assert extra.count("\n") == 0
        self.write(
            path,
            REVISION.format(
                message=message,
                revision=name,
                down_revision=down,
                extra=extra,
                upgrade="\n".join("    " + line for line in up.splitlines()),
                downgrade="\n".join("    " + line for line in back.splitlines()),
            ),
        )
        return path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An Alembic environment without revisions, on psycopg."""
    made = Repository(tmp_path / "tree")
    made.write("alembic.ini", INI.format(url="postgresql+psycopg://app:secret@production/app"))
    made.write("migrations/env.py", ENV)
    made.write("migrations/versions/.keep", "")
    return made


@pytest.fixture
def client(server: Server, repository: Repository) -> Iterator[Client]:
    """A probe on the repository."""
    with Client(server, repository.path) as opened:
        yield opened
