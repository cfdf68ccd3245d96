"""One run of the git binary: started, bounded in time and output, finished."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LIMIT_BYTES = 1 << 30  # of one answer: more than any repository that can be checked in time


class GitError(Exception):
    """Git could not tell what was asked; the message says what the user can do about it."""


@dataclass(frozen=True)
class Output:
    """What a finished git said: its exit status, and whether stdout was longer than asked for."""

    status: int
    stdout: bytes
    stderr: str
    cut: bool = False


def to_text(data: bytes) -> str:
    """Git's bytes as text that ``to_bytes`` turns into the same bytes (PEP 383)."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The bytes of a name that ``to_text`` made."""
    return text.encode("utf-8", "surrogateescape")


def _anonymous(folder: Path) -> IO[bytes]:
    """A file without a name: nothing to delete, whatever happens."""
    path = folder / f"anonymous-{os.getpid()}-{threading.get_ident()}"
    stream = path.open("w+b")
    path.unlink()
    return stream


class Call:
    """A git that runs while the caller starts others.

    stdin comes from a file and stderr goes to one, so that reading stdout to its end cannot
    deadlock. git leads a process group of its own: the helpers it starts (ssh, git-remote-https)
    end with it when ``timeout`` (seconds) is over. ``stdout`` may be read before ``finish``, which
    then returns the rest.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        folder: Path,
        scratch: Path,
        *,
        stdin: bytes,
        timeout: float,
    ) -> None:
        self._arguments = tuple(arguments)
        self._timeout = timeout
        self._late = False
        self._stderr = _anonymous(scratch)
        with _anonymous(scratch) as given:
            given.write(stdin)
            given.seek(0)
            try:
                self._process = subprocess.Popen(  # finish() waits for it
                    ["git", *arguments],
                    env=dict(environ),
                    cwd=folder,
                    stdin=given,
                    stdout=subprocess.PIPE,
                    stderr=self._stderr,
                    start_new_session=True,
                )
            except FileNotFoundError:
                self._stderr.close()
                raise GitError("git is not installed (or not on PATH): install git 2.38+") from None
        self.stdout: IO[bytes] = self._process.stdout  # type: ignore[assignment] # PIPE makes it one
        self._timer = threading.Timer(timeout, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        self._late = True
        self.kill()

    def kill(self) -> None:
        """End git and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def abandon(self) -> None:
        """End it, if ``finish`` has not."""
        if self._process.returncode is None:
            self.kill()
            self._process.wait()
            self._timer.cancel()
            self._stderr.close()
            self.stdout.close()

    def finish(self, accept: Collection[int] = (0,), limit: int = LIMIT_BYTES) -> Output:
        """Its answer, of which at most ``limit`` bytes are read.

        Raises:
            GitError: an exit status that is not in ``accept``, or no answer in time.
        """
        cut = False
        try:
            with self.stdout, self._stderr:
                data = self.stdout.read(limit)
                if len(data) == limit and self.stdout.read(1):
                    cut = True
                    self.kill()
                status = self._process.wait()
                self._stderr.seek(0)
                stderr = self._stderr.read(1 << 16).decode("utf-8", "replace")
                stderr = " ".join(stderr.split())
        except BaseException:  # an interrupt must not leave git behind
            self.kill()
            self._process.wait()
            raise
        finally:
            self._timer.cancel()
        words = " ".join(self._arguments[:2])
        if self._late:
            raise GitError(f"`git {words}` gave no answer within {self._timeout:g} s")
        if not cut and status not in accept:
            raise GitError(f"`git {words}` failed: {stderr or f'exit status {status}'}")
        return Output(status, data, stderr, cut)
