"""What several threads read at once is complete before the second one starts."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.clock import Clock
from bot.observe.facilities import Facilities
from bot.observe.interpreters import Tree
from bot.observe.room import Room
from bot.observe.run import Plan, observe
from bot.observe.server import ServerError, ServerOptions
from bot.projects import NOTHING

class Enough(Exception):
    pass

def sandbox(room, **_):
    print(bool(sysconfig._CONFIG_VARS))
    raise Enough

def server(options, room):
    raise ServerError("none is needed")

sysconfig._CONFIG_VARS = None  # as in a process that has just begun
with TemporaryDirectory() as folder:
    place = Path(folder)
    tree = Tree(place, lambda _: None, lambda _: NOTHING)
    plan = Plan((), tree, tree, place, place, frozenset(), frozenset(), ServerOptions())
    with Room(place) as room:
        try:
            observe(plan, room, Clock(60), {}, print, Facilities(sandbox=sandbox, server=server))
        except Enough:
            pass
"""


def test_the_variables_of_sysconfig_are_there_before_the_server_starts() -> None:
    """Python fills them at first use without a lock; uv asks for them on either thread."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "True\n"
