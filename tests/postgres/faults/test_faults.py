"""What befalls a run from outside: it ends, says what it did not see, and the next run is whole.

A server that dies and signals to the bot are in tests/postgres/review/test_life.py, leftovers on a
user's server in tests/postgres/server/test_service.py, a read-only checkout in tests/container.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.observe.room import PREFIX, Room
from bot.observe.server import ServerOptions, start_server
from tests.postgres.review.conftest import ROOT, Repository, Reviewed, revision

SHORT = Path(tempfile.gettempdir())  # pytest's own folders make socket paths too long
SLEEPS = revision("b2", "a1", 'op.execute("SELECT pg_sleep(300)")')
ADDS = revision("b2", "a1", 'op.execute("CREATE TABLE n (id bigint PRIMARY KEY)")')
FILLS = revision(
    "b2",
    "a1",
    'op.execute("CREATE TABLE n AS SELECT repeat(md5(i::text), 300) AS t'
    ' FROM generate_series(1, 1000000) AS i")',
)
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One table on the main branch."""
    made = Repository(tmp_path / "repository")
    create = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'
    made.revisions(revision("a1", None, create, 'op.drop_table("t")'))
    made.branch()
    return made


@contextmanager
def running(repository: Repository, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A review that has come to the upgrade of ``b2``."""
    command = [word for word in repository.command("--format", "json", *words) if word != "-q"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            assert any("b2: upgrade" in line for line in process.stderr)
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> Reviewed:
    """How it came to its end by itself."""
    out, error = process.communicate(timeout=120)
    assert "Traceback" not in error, error
    return Reviewed(process.returncode, json.loads(out), error)


def test_a_users_server_that_goes_away_late(repository: Repository) -> None:
    """Connections are refused from one moment to the other: exit status 3 and what was not seen."""
    repository.revisions(SLEEPS)
    with Room(SHORT) as room, start_server(ServerOptions(), room) as server:
        bot = server._databases.bot  # plays the user's server, so its superuser is the user's
        login = f"{bot.user}:{quote(bot.password)}"
        url = f"postgresql://{login}@/postgres?host={quote(bot.host, safe='')}&port={bot.port}"
        with running(repository, "--database-url", url) as process:
            server.close()
            seen = ended(process)
    assert (seen.status, seen.report["verdict"]) == (3, "error"), seen.error
    assert seen.findings == []
    assert "every changed revision" in seen.unseen
    assert bot.password not in seen.unseen + seen.error


@root_only
@pytest.mark.parametrize("megabytes", [24, 160])
def test_a_full_disk_is_told(repository: Repository, megabytes: int) -> None:
    """Whether the server does not even start or a revision fills what is left."""
    repository.revisions(FILLS)
    small = Path(tempfile.mkdtemp(prefix="small-", dir=SHORT))  # where other users may enter
    small.chmod(0o755)
    mounts = "".join(
        f"mount -t tmpfs -o mode=1777,size={megabytes}m tmpfs {place}; "
        for place in ("/dev/shm", small)  # noqa: S108 - mounted over, in a namespace of its own
    )
    done = subprocess.run(
        [
            *("unshare", "--mount", "--propagation=private", "sh", "-c", f'{mounts} exec "$@"'),
            *("sh", *repository.command("--format", "json", "--timeout", "120")),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**os.environ, "TMPDIR": str(small)},
    )
    small.rmdir()
    assert "Traceback" not in done.stderr, done.stderr
    seen = Reviewed(done.returncode, json.loads(done.stdout), done.stderr)
    assert seen.status in {1, 3}, seen.error
    told = json.dumps(seen.report["findings"]) + seen.unseen
    assert "No space left" in told or "disk" in told, told


def test_the_next_run_cleans_up_after_one_that_lost_everything(repository: Repository) -> None:
    """Bot and watchdog are killed together: the next run ends what they started."""
    repository.revisions(SLEEPS)
    with running(repository) as process:
        family = descendants(process.pid)
        rooms = {place for place in map(room_of, family.values()) if place}
        (room,) = rooms
        for pid, title in family.items():
            if "watchdog" in title:
                os.kill(pid, signal.SIGKILL)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    left = {pid for pid, title in family.items() if "postgres" in title and alive(pid)}
    assert room.exists()
    assert left
    repository.revisions(ADDS)
    assert repository.review().status in {0, 1}
    assert not room.exists()
    until = time.monotonic() + 20
    while any(map(alive, left)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [pid for pid in left if alive(pid)]


def test_a_room_from_the_future_disturbs_nobody(tmp_path: Path) -> None:
    """A clock that was set back makes a leftover look new: it stays, and the run goes on."""
    other = tmp_path / f"{PREFIX}abcdefgh"
    other.mkdir()
    later = time.time() + 10**6
    os.utime(other, (later, later))
    with Room(tmp_path):
        assert other.is_dir()
    long_ago = time.time() - 10**6
    os.utime(other, (long_ago, long_ago))
    with Room(tmp_path):
        assert not other.exists()


def test_deadlines_know_no_wall_clock() -> None:
    """A jump of the clock ends no run early or late: only dates that are shown come from it.

    ``room`` and ``scratch`` look at how old a leftover is, ``kept_environments`` at when one was
    used, ``trip`` at which rows were written meanwhile.
    """
    wall = {"time.time", "datetime.now", "datetime.today", "datetime.utcnow"}
    users = set()
    for path in (ROOT / "bot").rglob("*.py"):
        calls = (item for item in ast.walk(ast.parse(path.read_text("utf-8"))))
        names = {ast.unparse(item.func) for item in calls if isinstance(item, ast.Call)}
        if names & wall:
            users.add(str(path.relative_to(ROOT)))
    assert users <= {
        "bot/clock.py",
        "bot/changes/scratch.py",
        "bot/observe/kept_environments.py",
        "bot/observe/room.py",
        "bot/observe/rows/trip.py",
    }
    assert "bot/observe/room.py" in users


def descendants(pid: int) -> dict[int, str]:
    """The command lines of all processes below one."""
    found: dict[int, str] = {}
    queue = [pid]
    while queue:
        for task in Path(f"/proc/{queue.pop()}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                queue.append(child)
                words = Path(f"/proc/{child}/cmdline").read_bytes()
                found[child] = words.replace(b"\0", b" ").decode("utf-8", "replace")
    return found


def room_of(title: str) -> Path | None:
    """The room that a watchdog watches."""
    words = title.split()
    return Path(words[-1]) if words and any("watchdog" in word for word in words) else None


def alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
