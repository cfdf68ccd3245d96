"""A real room and sandbox, and probes that speak the protocol badly on purpose."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.observe.child import Probe
from bot.observe.disk import ALLOWANCE, Allowance
from bot.observe.interpreter import Interpreter
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox, prepare_sandbox
from bot.observe.server import Address
from bot.projects import Environment

# The skeleton of an honest probe; a test replaces what it answers to one op.
_SKELETON = """
import json, os, signal, sys, time

def serve(reader, writer):
    def send(**frame):
        os.write(writer, json.dumps(frame).encode() + b"\\n")
    send(event="ready", pid=os.getpid(), versions={{"python": "3.11.1"}}, missing=None)
    for line in os.fdopen(reader):
        request = json.loads(line)
        number = request["id"]
        if request["op"] == "run":
{body}
        else:
            send(id=number, ok=True)

given = zip(sys.argv[1::2], sys.argv[2::2])
pairs = [tuple(map(int, value.split(","))) for flag, value in given if flag == "--session"]
for own in pairs:
    if os.fork() == 0:
        os.setpgid(0, 0)
        for reader, writer in pairs:
            if (reader, writer) != own:
                os.close(reader), os.close(writer)
        serve(*own)
        os._exit(0)
for reader, writer in pairs:
    os.close(reader), os.close(writer)
for own in pairs:
    os.wait()
"""

Start = Callable[..., Probe]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """A run directory, gone after the test with every process registered in it."""
    with Room(tmp_path) as made:
        yield made


@pytest.fixture
def sandbox(room: Room) -> Sandbox:
    """Every layer that this machine has."""
    return prepare_sandbox(room)


@pytest.fixture
def start(room: Room, sandbox: Sandbox, tmp_path: Path) -> Iterator[Start]:
    """Start a fake probe whose answer to ``run`` is the given code; ends it after the test."""
    with ExitStack() as stack:

        def make(
            body: str,
            *,
            sessions: int = 1,
            memory_bytes: int = 2**31,
            allowed: Allowance = ALLOWANCE,
        ) -> Probe:
            folder = tmp_path / "fake"
            folder.mkdir(exist_ok=True)
            code = _SKELETON.format(body=textwrap.indent(textwrap.dedent(body).strip(), " " * 12))
            (folder / "__main__.py").write_text(code)
            return stack.enter_context(
                Probe.start(
                    Interpreter(Path(sys.executable)),
                    sessions,
                    sandbox,
                    room,
                    memory_bytes=memory_bytes,
                    allowed=allowed,
                    probe=folder,
                )
            )

        yield make


@pytest.fixture
def address() -> Address:
    """A scratch database that nobody connects to."""
    return Address("/run/scratch", 5432, "owner", "p@ss/word", "scratch")


@pytest.fixture
def environment() -> Environment:
    """The usual layout."""
    return Environment("alembic.ini", "ini", "alembic", "", "migrations", ("migrations/versions",))
