"""The Docker engine through its own command line, as the runner uses it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BASE = "python:3.12-slim"  # by its tag: what stands for it may lack the digest of the Dockerfile
TAG = "db-recheck:test"
_BUILD_SECONDS = 900.0


class EngineError(Exception):
    """A docker command failed; the message holds what it printed."""


def absent() -> str:
    """Why no engine can be used, "" when one answers."""
    try:
        done = subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except FileNotFoundError:
        return "there is no docker command"
    except subprocess.TimeoutExpired:
        return "the Docker engine does not answer"
    last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return "" if done.returncode == 0 else last


def docker(*words: str, timeout: float = 120.0) -> str:
    """Run a docker command and return its output.

    Raises:
        EngineError: it failed.
    """
    done = subprocess.run(
        ["docker", *words], capture_output=True, text=True, timeout=timeout, check=False
    )
    if done.returncode != 0:
        raise EngineError(f"docker {' '.join(words[:3])} …: {done.stderr.strip()}")
    return done.stdout.strip()


def inspect(image: str) -> dict[str, Any]:
    """What the engine knows about an image."""
    try:
        known = docker("image", "inspect", image)
    except EngineError:  # BuildKit keeps a base to itself
        docker("pull", "--quiet", image, timeout=_BUILD_SECONDS)
        known = docker("image", "inspect", image)
    found: list[dict[str, Any]] = json.loads(known)
    return found[0]


def base() -> str:
    """The image to build on; ``BASE_IMAGE`` in the environment names another one."""
    return os.environ.get("BASE_IMAGE") or BASE


def build() -> str:
    """The image of this working tree; the engine's layer cache makes every build but one cheap.

    Test processes build one after another.
    """
    lock = Path(tempfile.gettempdir(), f"db-recheck-build-{os.getuid()}.lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        words = ("--quiet", "--build-arg", f"BASE={base()}", "--tag", TAG, str(ROOT))
        return docker("build", *words, timeout=_BUILD_SECONDS).splitlines()[-1]


def run(
    image: str, *words: str, options: tuple[str, ...] = (), environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``docker run --rm`` as a person types it on a laptop."""
    named = [
        part for name, value in (environ or {}).items() for part in ("--env", f"{name}={value}")
    ]
    return subprocess.run(
        ["docker", "run", "--rm", *options, *named, image, *words],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def moment(image: str) -> float:
    """How many seconds a step may take that has nothing to do: two.

    On a machine that is busy otherwise it is four times what only starting the program takes, which
    is about half a second on one that is not.
    """
    started = time.monotonic()
    for _ in range(3):
        run(image, "--version")
    return max(2.0, 4 * (time.monotonic() - started) / 3)
