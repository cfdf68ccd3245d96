"""A probe may say anything, say nothing, or take its process down: each is told for what it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.facts import Direction, FailureKind
from bot.observe import processes, watchdog
from bot.observe.child import CannotOpen, ChildGone, Probe, Ran
from bot.observe.sandbox import Sandbox
from bot.observe.server import Address
from bot.projects import Environment

Start = Callable[..., Probe]
Ready = Callable[[Probe], Probe]

STATEMENT = """
send(id=number, event="statement", seq=1, sql="ALTER TABLE t", path="versions/a.py", line=7,
     direction="upgrade", revision="a1", transaction=1)
"""


def run(probe: Probe, deadline: float = 5.0, session: int = 0) -> Ran:
    """Upgrade to the heads."""
    return probe.sessions[session].run("d", Direction.UPGRADE, deadline=deadline)


@pytest.fixture
def ready(environment: Environment, address: Address, tmp_path: Path) -> Ready:
    """Open every session of a probe, as the bot does before it runs anything."""

    def make(probe: Probe) -> Probe:
        for session in probe.sessions:
            session.open(tmp_path, environment, address, deadline=10)
        return probe

    return make


def test_an_honest_run_is_read_whole(start: Start, ready: Ready) -> None:
    """Statements carry their place, duration and rows; the answer its heads."""
    probe = ready(
        start(
            STATEMENT
            + """
send(id=number, event="done", seq=1, duration_ms=1.5, rows=3,
     notices=[{"sqlstate": "00000", "message": "hello"}])
send(id=number, ok=True, expected_heads=["a1"], stepped=["a1"], statements=1, duration_ms=2.0)
"""
        )
    )
    ran = run(probe)
    assert ran.ok
    assert ran.expected_heads == ("a1",)
    assert ran.owners == ("a1",)
    [statement] = ran.statements
    assert (statement.path, statement.line, statement.rows) == ("versions/a.py", 7, 3)
    assert statement.duration_ms == 1.5
    assert probe.sessions[0].versions.python == "3.11.1"


def test_a_run_for_which_no_time_is_left_says_so(start: Start, ready: Ready) -> None:
    """It was not slow itself: what came before it took the time of the whole run."""
    probe = ready(start(STATEMENT + "time.sleep(60)"))
    ran = run(probe, deadline=0.0)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.TIMEOUT
    assert ran.failure.message.startswith("the time of the whole run was over before")


def test_a_run_that_never_ends_is_killed_at_its_statement(start: Start, ready: Ready) -> None:
    """The failure names the statement that was running, and its line."""
    probe = ready(start(STATEMENT + "time.sleep(60)"))
    began = time.monotonic()
    ran = run(probe, deadline=0.3)
    assert time.monotonic() - began < 20
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.TIMEOUT
    assert (ran.failure.path, ran.failure.line) == ("versions/a.py", 7)
    assert ran.failure.statement == "ALTER TABLE t"
    assert ran.revision == "a1"
    assert not probe.sessions[0].alive


def test_a_killed_session_leaves_its_neighbour_alive(start: Start, ready: Ready) -> None:
    """Base's and head's sessions share an interpreter, not their fate."""
    probe = ready(
        start("if request['database'] == 'd': time.sleep(60)\nsend(id=number, ok=True)", sessions=2)
    )
    assert run(probe, 0.2).failure is not None
    assert probe.sessions[1].alive
    ran = probe.sessions[1].run("other", Direction.UPGRADE, deadline=5)
    assert ran.ok


def test_two_sessions_run_at_once_from_two_threads(start: Start, ready: Ready) -> None:
    """Neither waits for the other."""
    probe = ready(
        start(
            """
            home = os.environ["HOME"]
            open(f"{home}/ran-{reader}", "w").close()
            while sum(name.startswith("ran-") for name in os.listdir(home)) < 2:
                time.sleep(0.01)
            send(id=number, ok=True)
            """,
            sessions=2,
        )
    )
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda index: run(probe, 20, index), (0, 1)))
    assert all(ran.ok for ran in ended)


def test_forked_processes_that_ignore_sigterm_die_too(start: Start, ready: Ready) -> None:
    """An attempt forks, its child forks, and one makes itself an orphan."""
    probe = ready(
        start(
            """
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.fork()
            os.fork()
            time.sleep(60)
            """
        )
    )
    main = probe._process.pid
    ran = run(probe, 0.4)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.TIMEOUT
    time.sleep(0.05)
    assert [pid for pid in processes.session_members(main) if pid != main] == []


def test_orphans_end_with_the_probe(start: Start, ready: Ready) -> None:
    """A process whose parents are gone is found by its session."""
    probe = ready(start("if os.fork() == 0:\n  time.sleep(60)\nos._exit(0)"))
    main = probe._process.pid
    assert run(probe, 0.5).failure is not None
    probe.close()
    time.sleep(0.05)
    assert processes.session_members(main) == []


def test_a_process_that_ends_by_itself_is_killed_with_its_last_words(
    start: Start, ready: Ready
) -> None:
    """What it printed is in the message, harmless."""
    probe = ready(start("print('::error::giving up', flush=True)\nos._exit(3)"))
    ran = run(probe)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.KILLED
    assert "giving up" in ran.failure.message
    assert "::error" not in ran.failure.message


@pytest.mark.skipif(os.geteuid() != 0, reason="without root it is found by its session alone")
def test_a_process_that_is_nobodys_ends_with_the_probe(
    start: Start, ready: Ready, sandbox: Sandbox
) -> None:
    """Two forks and a session of its own: it is found by its user."""
    code = "os.fork() or (os.setsid(), os.fork() or time.sleep(60))\nsend(id=number, ok=True)"
    probe = ready(start(code))
    assert run(probe, 5).ok
    assert sandbox.uid in {watchdog.user_of(item.pid) for item in processes.processes()}
    probe.close()
    time.sleep(0.1)
    left = [item for item in processes.processes() if watchdog.user_of(item.pid) == sandbox.uid]
    assert [item for item in left if not item.zombie] == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("os.write(writer, b'\\xff\\xfe\\n')", "broke the protocol"),
        ("os.write(writer, b'[' * 500_000 + b'\\n')", "broke the protocol"),
        ("send(id=number + 1, ok=True)", "an answer to request"),
        ("send(id=number, ok='yes')", "broke the protocol"),
        ("send(id=number, ok=False)", "neither ok nor tells a failure"),
        ("send(id=number, event='unheard')", "an event 'unheard' that was not asked for"),
        ("while True: os.write(writer, b'x' * 65536)", "an endless line"),
        ("while True: send(id=number, event='done', seq=1, duration_ms=0)", "more than"),
        ("os.close(writer); time.sleep(60)", "ended during the upgrade"),
    ],
)
def test_garbage_ends_the_session_with_a_reason(
    start: Start, ready: Ready, code: str, why: str
) -> None:
    """No frame, whatever it holds, is an exception of ours."""
    probe = ready(start(code))
    ran = run(probe, 15)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.KILLED
    assert why in ran.failure.message
    assert not probe.sessions[0].alive


def test_endless_output_is_drained_and_only_its_tail_kept(start: Start, ready: Ready) -> None:
    """A noisy migration neither blocks nor fills our memory."""
    probe = ready(
        start("for n in range(40): os.write(1, b'noise ' * 20_000)\nsend(id=number, ok=True)")
    )
    assert run(probe, 10).ok
    probe.close()
    assert probe.output.total >= 4_800_000
    assert len(probe.output.text()) < 70_000
    assert probe.output.text().startswith("[")


def test_a_request_that_nobody_reads_is_late(start: Start, ready: Ready) -> None:
    """A full pipe is no reason to wait for ever."""
    probe = ready(start("os.kill(os.getpid(), signal.SIGSTOP)"))
    assert run(probe, 0.2).failure is not None
    ran = probe.sessions[0].run("d", Direction.UPGRADE, steps=["x" * 100] * 5000, deadline=0.3)
    assert ran.failure is not None


def test_a_dead_session_cannot_be_opened(
    start: Start, environment: Environment, address: Address, tmp_path: Path
) -> None:
    """Opening raises, with the kind of what happened before."""
    probe = start("pass")
    probe.close()
    with pytest.raises(ChildGone) as caught:
        probe.sessions[0].open(tmp_path, environment, address, deadline=1)
    assert not isinstance(caught.value, CannotOpen)


def test_closing_gives_back_every_descriptor(start: Start, ready: Ready) -> None:
    """A run with many projects must not run out of them."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    probe = ready(start("send(id=number, ok=True)", sessions=2))
    for session in probe.sessions:
        session.close()
    probe.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
