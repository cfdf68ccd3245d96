"""`make bench`: one whole check beside the five Alembic commands that workflows run today.

Both do it on the same generated repository, in turn, in the same run: `alembic upgrade head`,
`downgrade -1`, `upgrade head`, `check`, `heads` against a server that is already up and holds base,
and `db-recheck check`, its own server's start included, with an empty cache and with a filled one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.repository import build
from bot.observe.room import Room
from bot.observe.server import ServerOptions, start_server

_FIVE = (("upgrade", "head"), ("downgrade", "-1"), ("upgrade", "head"), ("check",), ("heads",))


def main() -> None:
    """Measure and print a table of medians and ratios."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--revisions", type=int, default=200)
    parser.add_argument("--tables", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="db-recheck-bench-") as folder:
        Path(folder).chmod(0o711)  # servers run as users of their own in folders below it
        measure(Path(folder), asked.runs, asked.revisions, asked.tables)


def measure(folder: Path, runs: int, revisions: int, tables: int) -> None:
    """Run all of them in turn and print what they took."""
    repository = build(folder / "repository", revisions, tables)
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    cache = folder / "cache"
    times: dict[str, list[float]] = {"five": [], "cold": [], "warm": [], "skip": []}
    peaks: list[float] = []
    with Room(folder) as room, start_server(ServerOptions(), room) as server:
        base = server.create("bench")
        for _ in range(runs + 1):
            work = server.clone(base, "work")
            address = server.address(work)
            url = (
                f"postgresql+psycopg://{address.user}:{address.password}@/{work}"
                f"?host={address.host}&port={address.port}"
            )
            times["five"].append(_five(repository, {**environ, "DATABASE_URL": url}))
            server.drop(work)
            shutil.rmtree(cache, ignore_errors=True)
            for kind in ("cold", "warm"):
                took, peak = _check(repository, environ, cache, ())
                times[kind].append(took)
                peaks.append(peak)
            times["skip"].append(_check(repository, environ, cache, ("--head", "main"))[0])
    _print(times, peaks, revisions, tables)


def _five(repository: Path, environ: Mapping[str, str]) -> float:
    def run() -> None:
        for words in _FIVE:
            subprocess.run(
                [sys.executable, "-m", "alembic", *words],
                cwd=repository,
                env=dict(environ),
                check=True,
                capture_output=True,
            )

    return _timed(run)


def _check(
    repository: Path, environ: Mapping[str, str], cache: Path, more: tuple[str, ...]
) -> tuple[float, float]:
    """Seconds from process start to exit, and the bot's own peak memory in MB."""
    words = ["check", "--repo", str(repository), "--base", "main", "--cache", str(cache)]
    if not more:
        words += ["--head", "feature"]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *words, *more],
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        time.sleep(0.01)
    took = time.perf_counter() - start
    out, err = process.communicate()
    if process.returncode != 0:
        sys.exit(f"the check ended with {process.returncode}:\n{out.decode()}\n{err.decode()}")
    return took, peak


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0


def _timed(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _print(
    times: Mapping[str, list[float]], peaks: list[float], revisions: int, tables: int
) -> None:
    counted = {name: values[1:] for name, values in times.items()}  # the first warms the disk
    ratio = {
        name: statistics.median(
            ours / theirs for ours, theirs in zip(counted[name], counted["five"], strict=True)
        )
        for name in counted
    }
    print(f"{revisions} revisions, {tables} tables, a change of three revisions")
    for name, words in (
        ("five", "five alembic commands, server already up"),
        ("cold", "db-recheck check, empty cache, own server"),
        ("warm", "db-recheck check, filled cache, own server"),
        ("skip", "db-recheck check, nothing to check"),
    ):
        values = sorted(counted[name])
        print(
            f"  {words:<44} {statistics.median(values) * 1000:6.0f} ms"
            f"   ({values[0] * 1000:.0f} to {values[-1] * 1000:.0f})   x {ratio[name]:.2f}"
        )
    print(f"  peak memory of the bot itself: {max(peaks):.0f} MB")


if __name__ == "__main__":
    main()
