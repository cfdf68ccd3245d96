"""An environment for each peer, made once and kept in a folder of the user's cache."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import uv

_SECONDS = 600.0


class NotInstalled(Exception):
    """The peer's packages cannot be had here; the message says why."""


def environment(packages: Sequence[str], cache: Path) -> Path:
    """The folder of programs of an environment that has these packages.

    Raises:
        NotInstalled: they cannot be installed.
    """
    digest = sha256("\0".join((sys.version, *packages)).encode()).hexdigest()[:12]
    folder = cache / f"{packages[0].split('=')[0]}-{digest}"
    programs = folder / "bin"
    if (folder / ".ready").exists():
        return programs
    _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    _uv("pip", "install", "--quiet", "--python", str(programs / "python"), *packages)
    (folder / ".ready").touch()
    return programs


def _uv(*words: str) -> None:
    try:
        done = subprocess.run(
            [uv.find_uv_bin(), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "UV_NO_PROGRESS": "1"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from None
    if done.returncode:
        raise NotInstalled(" ".join(done.stderr.split())[-300:])
