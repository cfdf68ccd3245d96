"""The bot's side of the probe: one interpreter of the target, a session for each tree.

Trust the database, not the child: a session may answer anything, never answer, or take its process
down. Every wait has a deadline on the monotonic clock; what runs past it, eats too much memory or
breaks the protocol is killed, and the reader is told which of them it was.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from bot.observe import processes
from bot.observe.answers import Opened, Ran
from bot.observe.confine.command_line import MEMORY_BYTES
from bot.observe.disk import ALLOWANCE, Allowance, Disk
from bot.observe.guard import Guard
from bot.observe.interpreter import Interpreter
from bot.observe.output import Drain
from bot.observe.pipes import Pipes
from bot.observe.reach import interpreter_folders
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox
from bot.observe.session import CannotOpen, ChildGone, Session

__all__ = ["CannotOpen", "ChildGone", "Opened", "Probe", "Ran", "Session"]

PROBE = Path(__file__).with_name("probe")
_OOM_SCORE = 1000  # the kernel ends nothing sooner
_OUTPUT_SECONDS = 0.2  # for the last of its output to arrive


class Probe:
    """A running interpreter of the target and its sessions; a context manager.

    Made by ``start``. Sessions may be used from different threads, each from one at a time.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        pipes: Sequence[Pipes],
        more: socket.socket,
        output: Drain,
        *,
        room: Room,
        sandbox: Sandbox,
        environ: Mapping[str, str],
        given: Mapping[str, str],
        memory_bytes: int,
        disk: Disk,
    ) -> None:
        self._process = process
        self._room = room
        self._sandbox = sandbox
        self._ended = threading.Event()
        self._environ = environ
        self._given = given
        self._more = more
        self.output = output
        self._watched: dict[Session, Pipes] = {}
        self.sessions = tuple(self._session(pair, {}) for pair in pipes)
        self._guard = Guard(
            process.pid, lambda: self._watched, self._session_processes, memory_bytes, disk
        )

    @staticmethod
    def start(
        interpreter: Interpreter,
        sessions: int,
        sandbox: Sandbox,
        room: Room,
        *,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
        memory_bytes: int = MEMORY_BYTES,
        allowed: Allowance = ALLOWANCE,
        probe: Path = PROBE,
    ) -> Probe:
        """Start the interpreter with that many sessions and return at once: it imports meanwhile.

        ``readable`` and ``writable`` are folders that the target needs: the exported trees, the
        server's socket. ``environment`` is the configuration's table of that name, with its
        placeholders. ``memory_bytes`` is the limit of each session, beyond which it is killed, and
        ``allowed`` what all of them may write.

        Raises:
            SandboxError: the interpreter cannot be reached by the child's user.
        """
        copy = _copy_of(probe, room)
        pipes = [Pipes() for _ in range(sessions)]
        more, asked = socket.socketpair()
        theirs = [asked.fileno(), *(descriptor for pair in pipes for descriptor in pair.theirs)]
        command = [str(interpreter.python), "-B", "-u", str(copy), "--more", str(asked.fileno())]
        for pair in pipes:
            command += ["--session", f"{pair.theirs[0]},{pair.theirs[1]}"]
        environ = sandbox.environment(interpreter.python, {})
        if interpreter.site:
            environ["PYTHONPATH"] = os.pathsep.join(map(str, interpreter.site))
        listen, speak = os.pipe()
        try:
            process = sandbox.start(
                command,
                environ,
                readable=(
                    *interpreter_folders(interpreter.python),
                    *interpreter.site,
                    copy,
                    *readable,
                ),
                writable=writable,
                descriptors=theirs,
                output=speak,
            )
        except BaseException:
            os.close(listen)
            more.close()
            for pair in pipes:
                pair.close()
            raise
        finally:
            os.close(speak)
            asked.close()
            for pair in pipes:
                pair.close_theirs()
        room.register_group(process.pid)
        processes.die_before_others(process.pid, _OOM_SCORE)
        return Probe(
            process,
            pipes,
            more,
            Drain(listen),
            room=room,
            sandbox=sandbox,
            environ=environ,
            given=environment or {},
            memory_bytes=memory_bytes,
            disk=Disk(room, sandbox.uid, sandbox.shared, allowed),
        )

    @property
    def alive(self) -> bool:
        """Whether the interpreter itself still runs."""
        return not self._ended.is_set() and self._process.poll() is None

    def another(self, environment: Mapping[str, str]) -> Session:
        """One more session, in a process that has Alembic imported already.

        ``environment`` is as in ``start``. The caller closes the session. Where the interpreter has
        died meanwhile, the session says so when it is first asked.
        """
        pair = Pipes()
        try:
            socket.send_fds(self._more, [b"+"], pair.theirs)
        except OSError:  # nobody listens: whoever reads from the pipe finds its end
            pass
        finally:
            pair.close_theirs()
        return self._session(pair, environment)

    def _session(self, pair: Pipes, environment: Mapping[str, str]) -> Session:
        homes = self._sandbox.another_home()
        environ = {**self._environ, **homes, **self._given, **environment}
        made = Session(pair, environ, self._end_session, self._last_words)
        self._watched = {
            **{session: pipes for session, pipes in self._watched.items() if session.alive},
            made: pair,
        }
        return made

    def close(self) -> None:
        """End every process of this interpreter. Idempotent."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._more.close()
        for pair in self._watched.values():
            pair.close()
        # Nobody waits for what a stranger's interpreter does at its end.
        processes.end(lambda: processes.family(self._process.pid))
        if (
            self._sandbox.uid is not None
        ):  # also who made itself an orphan with a session of its own
            processes.end_user(self._sandbox.uid)
        else:
            processes.end(lambda: processes.session_members(self._process.pid))
        self._process.wait()
        self._room.forget(self._process.pid)
        self._guard.close()
        self.output.wait(_OUTPUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _session_processes(self, session: Session) -> list[int]:
        return list(self._family(session))

    def _family(self, session: Session) -> Iterator[int]:
        """Its family, orphans included: the session's process adopts them (prctl(2), SUBREAPER).

        The process is the one that said so before anything of the tree ran in it, as long as it is
        our interpreter's child; which pipes a process holds is told to nobody in a container.
        """
        if self._process.poll() is not None or session.pid is None:
            return
        if processes.parent(session.pid) == self._process.pid:
            yield from processes.family(session.pid)

    def _end_session(self, session: Session) -> None:
        """End its family; before it has greeted there is none, and the end of its pipes ends it."""
        processes.end(lambda: self._family(session))

    def _last_words(self) -> str:
        self.output.wait(_OUTPUT_SECONDS)
        return self.output.text(2_000).strip()


def _copy_of(probe: Path, room: Room) -> Path:
    """The probe's files where the child can read them and nobody can write."""
    copy = room.path / "probe"
    if not copy.is_dir():
        made = Path(tempfile.mkdtemp(prefix="probe-", dir=room.path))
        shutil.copytree(probe, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.md"))
        for path in (made, *made.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        try:
            made.rename(copy)
        except OSError:  # a thread beside us was faster
            shutil.rmtree(made)
    return copy
