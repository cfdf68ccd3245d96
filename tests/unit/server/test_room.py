"""The private folder of a run and its watchdog."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.observe import room as rooms
from bot.observe import watchdog
from bot.observe.room import Room

PARENT = """
import os, subprocess, sys, time
from pathlib import Path
from bot.observe.room import Room
room = Room(Path(sys.argv[1]))
sleeper = subprocess.Popen(["sleep", "600"], start_new_session=True)
room.register_group(sleeper.pid)
forked = uid = 0
if os.geteuid() == 0:
    uid = room.reserve_user()
    script = f"mkdir /tmp/left-{uid}; ln -s / /var/tmp/left-{uid}; setsid sleep 600 >&2 & echo $!"
    forked = subprocess.run(
        ["sh", "-c", script], user=uid, group=uid, extra_groups=[], stdout=subprocess.PIPE
    ).stdout.decode().strip()
folder = room.folder("work")
(folder / "locked").mkdir(mode=0)
os.chdir(folder)
for _ in range(3000):
    os.mkdir("deep")
    os.chdir("deep")
os.chdir("/")
print(room.path, sleeper.pid, forked, uid, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    """Whether that process is there and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(path: Path, pids: list[int]) -> None:
    """Fail when something is left after ten seconds."""
    deadline = time.monotonic() + 10
    while path.exists() or any(map(runs, pids)):
        assert time.monotonic() < deadline, (path.exists(), [pid for pid in pids if runs(pid)])
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_after_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Killed without a word: the room, its groups and its users' processes are gone."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(rooms.__file__).parents[2])},
    ) as parent:
        assert parent.stdout is not None
        path, *pids, uid = parent.stdout.readline().split()
        alive = [int(pid) for pid in pids if int(pid)]
        assert Path(path).is_dir()
        assert all(map(runs, alive))
        parent.send_signal(number)
    wait_until_gone(Path(path), alive)
    for shared in ("/tmp", "/var/tmp"):  # noqa: S108 - looked into
        assert not os.path.lexists(f"{shared}/left-{uid}")


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    """The context manager ends what was registered."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as sleeper:
        room = Room(tmp_path)
        room.register_group(sleeper.pid)
        with pytest.raises(KeyError), room:
            raise KeyError
        assert sleeper.wait() == -signal.SIGKILL
    assert not room.path.exists()


def test_what_was_forgotten_is_not_killed(tmp_path: Path) -> None:
    """A process id that ended may belong to somebody else by now."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as sleeper:
        with Room(tmp_path) as room:
            room.register_group(sleeper.pid)
            room.forget(sleeper.pid)
        assert runs(sleeper.pid)
        sleeper.kill()


def test_a_number_used_again_is_not_killed(tmp_path: Path) -> None:
    """The journal holds when the process started: another one of that number is spared."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as sleeper:
        tmp_path.joinpath(watchdog.JOURNAL).write_text(f"group {sleeper.pid} 1\nnonsense\n")
        assert list(watchdog.read_journal(tmp_path)) == []
        sleeper.kill()


def test_rooms_of_the_dead_are_removed_and_those_of_the_living_stay(tmp_path: Path) -> None:
    """At start; the lock tells them apart."""
    dead = tmp_path / f"{rooms.PREFIX}dead_run"
    dead.mkdir()
    (dead / watchdog.LOCK).touch()
    new = tmp_path / f"{rooms.PREFIX}new__run"
    new.mkdir()
    at_work = tmp_path / f"{rooms.PREFIX}git-abcd1234"
    at_work.mkdir()
    os.utime(at_work, (0, 0))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    tmp_path.joinpath(f"{rooms.PREFIX}the_link").symlink_to(elsewhere)
    with Room(tmp_path) as alive:
        rooms.sweep_leftovers(alive.path.parent)
        rooms.sweep_leftovers(tmp_path)
        assert alive.path.exists()
    assert not dead.exists()
    assert new.exists(), "without a lock yet: another run is just making it"
    assert at_work.exists(), "another run's folder that is no room"
    assert elsewhere.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_folders_belong_to_their_users_alone(tmp_path: Path) -> None:
    """One user of the room cannot look into the folder of another, nor list the room."""
    with Room(tmp_path) as room:
        mine, yours = room.reserve_user(), room.reserve_user()
        assert mine != yours
        folder = room.folder("a", mine)
        room.folder("a", yours)
        look = [["ls", str(folder)], ["ls", str(room.path)], ["cat", str(room.path / "journal")]]
        for command, allowed in zip(look, (True, False, False), strict=True):
            done = subprocess.run(
                command, user=mine, group=mine, extra_groups=[], check=False, capture_output=True
            )
            assert (done.returncode == 0) is allowed, command
        denied = subprocess.run(
            look[0], user=yours, group=yours, extra_groups=[], check=False, capture_output=True
        )
        assert denied.returncode != 0


def test_rooms_that_go_while_they_are_looked_at(tmp_path: Path) -> None:
    """Runs beside each other end at any moment, between a look at the names and one at a room."""

    def come_and_go(number: int) -> None:
        for _ in range(400):
            room = tmp_path / f"{rooms.PREFIX}{number:08}"
            room.mkdir()
            room.rmdir()

    with ThreadPoolExecutor(4) as pool:
        ends = [pool.submit(come_and_go, number) for number in range(4)]
        while not all(end.done() for end in ends):
            rooms.sweep_leftovers(tmp_path)
        assert [end.result() for end in ends] == [None] * 4
