"""The bot's side of the probe: one interpreter of the target, a session for each tree.

Trust the database, not the child: a session may answer anything, never answer, or take its process
down. Every wait has a deadline on the monotonic clock; what runs past it, eats too much memory or
breaks the protocol is killed, and the reader is told which of them it was.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.facts import FailureKind
from bot.observe import processes
from bot.observe.answers import Opened, Ran
from bot.observe.confine import MEMORY_BYTES
from bot.observe.install import Interpreter
from bot.observe.output import Drain
from bot.observe.pipes import Pipes
from bot.observe.reach import interpreter_folders
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox
from bot.observe.session import CannotOpen, ChildGone, Session

__all__ = ["CannotOpen", "ChildGone", "Opened", "Probe", "Ran", "Session"]

PROBE = Path(__file__).with_name("probe")
_SAMPLE_SECONDS = 0.1
_OUTPUT_SECONDS = 0.2  # for the last of its output to arrive


class Probe:
    """A running interpreter of the target and its sessions; a context manager.

    Made by ``start``. Sessions may be used from different threads, each from one at a time.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        pipes: Sequence[Pipes],
        output: Drain,
        *,
        room: Room,
        environ: Mapping[str, str],
        memory_bytes: int,
    ) -> None:
        self._process = process
        self._room = room
        self._memory_bytes = memory_bytes
        self._ended = threading.Event()
        self.output = output
        self.sessions = tuple(
            Session(pair, environ, partial(self._end_session, pair), self._last_words)
            for pair in pipes
        )
        self._pipes = tuple(pipes)
        self._guard = threading.Thread(target=self._watch_memory, name="memory", daemon=True)
        self._guard.start()

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
        probe: Path = PROBE,
    ) -> Probe:
        """Start the interpreter with that many sessions and return at once: it imports meanwhile.

        ``readable`` and ``writable`` are folders that the target needs: the exported trees, the
        server's socket. ``environment`` is the configuration's table of that name, with its
        placeholders. ``memory_bytes`` is the limit of each session, beyond which it is killed.

        Raises:
            SandboxError: the interpreter cannot be reached by the child's user.
        """
        copy = _copy_of(probe, room)
        pipes = [Pipes() for _ in range(sessions)]
        theirs = [descriptor for pair in pipes for descriptor in pair.theirs]
        command = [str(interpreter.python), "-B", "-u", str(copy)]
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
            for pair in pipes:
                pair.close()
            raise
        finally:
            os.close(speak)
            for pair in pipes:
                pair.close_theirs()
        room.register_group(process.pid)
        _die_first(process.pid)
        return Probe(
            process,
            pipes,
            Drain(listen),
            room=room,
            environ={**environ, **(environment or {})},
            memory_bytes=memory_bytes,
        )

    def close(self) -> None:
        """End every process of this interpreter. Idempotent."""
        if self._ended.is_set():
            return
        self._ended.set()
        for pair in self._pipes:
            pair.close()
        # Nobody waits for what a stranger's interpreter does at its end.
        processes.end(lambda: processes.descendants(self._process.pid))
        # Orphans are still of the same session; one that made its own ends with the room, by user.
        processes.end(lambda: processes.session_members(self._process.pid))
        self._process.wait()
        self._room.forget(self._process.pid)
        self._guard.join()
        self.output.wait(_OUTPUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _session_processes(self, pair: Pipes) -> list[int]:
        """The family of the process that reads from that pipe: what it says of itself is not asked.

        Before the interpreter has forked, its main process holds every pipe.
        """
        if self._process.poll() is not None:
            return []
        found: list[int] = []
        for pid in processes.children(self._process.pid):
            if processes.holds(pid, pair.inode):
                found += processes.descendants(pid)
        return found

    def _end_session(self, pair: Pipes) -> None:
        if self._process.poll() is None and processes.holds(self._process.pid, pair.inode):
            processes.end(lambda: processes.descendants(self._process.pid))
        else:
            processes.end(lambda: self._session_processes(pair))

    def _last_words(self) -> str:
        self.output.wait(_OUTPUT_SECONDS)
        return self.output.text(2_000).strip()

    def _watch_memory(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            for session, pair in zip(self.sessions, self._pipes, strict=True):
                if not session.alive:
                    continue
                used = processes.resident_bytes(self._session_processes(pair))
                if used > self._memory_bytes:
                    session.condemn(
                        FailureKind.MEMORY,
                        f"it held {used >> 20} MB of memory, more than the limit of"
                        f" {self._memory_bytes >> 20} MB, and was stopped",
                    )


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


def _die_first(pid: int) -> None:
    """Let the kernel prefer this process when memory runs out (proc(5), oom_score_adj)."""
    try:
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", "ascii")
    except OSError:  # gone already, or a container that forbids it: the guard remains
        return
