"""A command of an installer, run confined: bounded in time and output, without secrets."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.observe import processes
from bot.observe.confine.command_line import Limits
from bot.observe.disk import Allowance, Disk
from bot.observe.interpreter import Workplace
from bot.observe.output import Drain

_SHOWN = 1_500  # characters
_TAIL = 20_000  # bytes: the line that names what failed comes before what its build printed
_OOM_SCORE = 1000  # the kernel ends nothing sooner
_LOOK_SECONDS = 1.0
_ALLOWANCE = Allowance(child=12 * 1024**3)  # machine learning comes with gigabytes of libraries
_LIMITS = Limits(file_size=4 * 1024**3, address_space=None)
_NETWORK = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")
_INDEXES = (
    "uv_index_url",
    "uv_extra_index_url",
    "uv_default_index",
    "uv_index",
    "pip_index_url",
    "pip_extra_index_url",
)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status (None when it was stopped), and the tail of its output."""

    status: int | None
    output: str
    seconds: float

    @property
    def tail(self) -> str:
        """The end of what it printed, short enough for a report."""
        return self.output[-_SHOWN:]

    @property
    def how(self) -> str:
        """For a sentence that begins with the command."""
        if self.status is None:
            return f"did not end within {self.seconds:.0f} s"
        return f"ended with status {self.status}"


def network_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that tell how to reach an index, without any that hold a password."""
    found = {}
    for name, value in environ.items():
        if name.lower() in (*_NETWORK, *_INDEXES):
            parts = [urlsplit(part) for part in value.split()]
            if not any(part.username or part.password for part in parts):
                found[name] = value
    for pip, uv in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_EXTRA_INDEX_URL", "UV_INDEX")):
        if pip in found:
            found.setdefault(uv, found[pip])
    return found


def call(
    command: Sequence[str],
    environ: Mapping[str, str],
    place: Workplace,
    *,
    folder: Path,
    readable: Sequence[Path] = (),
    writable: Sequence[Path] = (),
    until: float | None = None,
) -> Ended:
    """Run a command confined in a folder, bounded in time, output and disk.

    Whatever it started ends with it, so the sandbox's user must be nobody else's.
    """
    started = time.monotonic()
    until = until or started + place.seconds
    listen, speak = os.pipe()
    # cd: the folder may exist only in the child's own mounts, so Popen's cwd cannot be it.
    line = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(folder), *command]
    try:
        process = place.sandbox.start(
            line,
            environ,
            readable=readable,
            writable=(place.tree, *writable),
            output=speak,
            limits=_limits(place),
            network=True,
        )
    except BaseException:
        os.close(listen)
        raise
    finally:
        os.close(speak)
    processes.die_before_others(process.pid, _OOM_SCORE)
    output = Drain(listen)
    complaint = ""
    try:
        places = (*place.sandbox.shared, *writable)
        disk = Disk(place.sandbox.room, place.sandbox.uid, places, _ALLOWANCE)
        while process.poll() is None and time.monotonic() < until and not complaint:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(min(_LOOK_SECONDS, max(0.0, until - time.monotonic())))
            complaint = disk.beyond()
        status = process.poll()
    finally:
        processes.end(lambda: processes.family(process.pid))
        if place.sandbox.uid is not None:
            processes.end_user(place.sandbox.uid)
        processes.end(lambda: processes.session_members(process.pid))
        process.wait()
        output.wait(1.0)
    said = f"{output.text(_TAIL).strip()}\n{complaint}".strip()
    return Ended(status, said, time.monotonic() - started)


def _limits(place: Workplace) -> Limits:
    processes_ = _LIMITS.processes if place.sandbox.uid is not None else None
    return Limits(_LIMITS.file_size, _LIMITS.open_files, None, processes_)
