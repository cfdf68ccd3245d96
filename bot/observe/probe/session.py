"""One process per session, and inside it one process per attempt to open the project.

An attempt that meets a missing setting ends and says what it needs; the next one starts from the
clean state that this process keeps: Alembic and SQLAlchemy imported, nothing of the target.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import signal
import sys
from typing import Any

from .channel import Channel
from .notes import MAX_TRIES, PAGE, Notes, failed, versions


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends (prctl(2), PR_SET_PDEATHSIG)."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except Exception:  # noqa: S110 - no ctypes or no prctl: the end of the pipe ends it as well
        pass


def adopt_orphans() -> None:
    """Stay the ancestor of all that attempts start (prctl(2), PR_SET_CHILD_SUBREAPER).

    A process that forks twice to be nobody's would be counted and ended with nobody.
    """
    with contextlib.suppress(Exception):  # no ctypes or no prctl: its user's processes end later
        import ctypes

        ctypes.CDLL(None).prctl(36, 1)


def serve(channel: Channel, missing: str | None) -> None:
    """Answer requests until the other end closes."""
    channel.send(
        {
            "event": "ready",
            "pid": os.getpid(),
            "versions": versions(),
            "missing": missing,
        }
    )
    request = channel.receive()
    while request is not None and request.get("op") != "close":
        if missing is not None:
            channel.send(failed(request, missing))
            request = channel.receive()
        elif request.get("op") != "open":
            channel.send(failed(request, "nothing is open: send open first"))
            request = channel.receive()
        else:
            request = _open(channel, request)
    if request is not None:
        channel.send({"id": request.get("id"), "ok": True})


def first_plan(request: dict[str, Any]) -> dict[str, Any]:
    """What the first attempt is to do; each further one gets the plan its predecessor asked for."""
    return {
        "mode": request.get("mode", "project"),
        "note": None,
        "failure": None,
        "own_fault": True,
        "environ": {},  # settings supplied: name -> value
        "tried": {},  # every value that a setting was given: name -> values
        "path": [],  # directories of the tree put on sys.path: [directory, "first" | "last"]
        "options": {},  # main options of the Alembic configuration supplied
        "x": {},  # arguments -x supplied: name -> value
        "schemas": [],  # schemas that are made before env.py runs
        "stand_ins": [],  # modules that something stands in for
        "old_collections": False,  # names that Python 3.10 took away
        "own_package": False,  # whether the tree's own package looks installed
        "redis": False,  # whether an empty one answers
        "packages": [],  # distributions that are given a version
        "assumed": [],
        "skip": {},  # revision files that ended the process: path -> error
        "flask": False,
        "scanned": False,
        "tries": 0,
    }


def _open(channel: Channel, request: dict[str, Any]) -> dict[str, Any] | None:
    """Serve from this ``open`` on; the next request that needs a new start, None at the end."""
    plan = first_plan(request)
    while True:
        notes, status = _attempt(channel, request, plan)
        last = notes[-1] if notes else {}
        if "again" in last:
            plan = last["again"]
        elif "request" in last:
            following: dict[str, Any] = last["request"]
            return following
        elif "closed" in last:
            return None
        elif "unopened" in last:
            return channel.receive()
        else:
            again = _after_end(plan, last, status)
            if again is None:
                current = {"id": last.get("id", request.get("id"))}
                channel.send(failed(current, ended(status), kind="killed"), after_break=True)
                return None
            plan = again


def ended(status: int) -> str:
    """How a process ended, in words."""
    if os.WIFSIGNALED(status):
        return f"the process was ended by signal {os.WTERMSIG(status)}"
    return f"the process ended with status {os.WEXITSTATUS(status)}"


def _after_end(plan: dict[str, Any], last: dict[str, Any], status: int) -> dict[str, Any] | None:
    """The next plan after a process that ended without a word, None when it cannot go on."""
    if plan["tries"] >= MAX_TRIES:
        return None
    plan = dict(plan, tries=plan["tries"] + 1)
    stage = last.get("stage")
    if stage == "rehearse" and plan["mode"] == "project":
        message = f"env.py did not end in the ordinary way: {ended(status)}"
        failure = failed({}, message, kind="killed")["failure"]
        failure["path"] = last.get("path")
        return dict(plan, mode="builtin", note=message, failure=failure)
    if stage == "load" and last.get("path") not in plan["skip"]:
        skip = dict(plan["skip"])
        skip[last.get("path")] = f"while it was loaded {ended(status)}"
        return dict(plan, skip=skip)
    return None


def _attempt(
    channel: Channel, request: dict[str, Any], plan: dict[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    """Fork; the last thing the attempt noted, as a list of at most one, and its exit status."""
    reader, writer = os.pipe()
    page = mmap.mmap(-1, PAGE)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            die_with_parent()
            channel.take_over()
            from . import attempt

            attempt.serve(channel, Notes(writer, page), request, plan)
            status = 0
        except BaseException as error:
            sys.stderr.write(f"db-recheck probe: {error!r}\n")
        finally:
            os._exit(status)
    os.close(writer)
    data, status = _watch(reader, pid)
    lines = [line for line in data.split(b"\n")[:-1] if line]
    lines = lines or [line for line in page[:].split(b"\n")[:1] if line.strip(b"\0")]
    page.close()
    return [json.loads(lines[-1].decode("utf-8"))] if lines else [], status


def _watch(reader: int, pid: int) -> tuple[bytes, int]:
    """What the attempt notes until it ends; processes it left may still hold the pipe."""
    data = b""
    status = None
    while True:
        ready, _, _ = select.select([reader], [], [], 0 if status is not None else 0.2)
        piece = os.read(reader, 65536) if ready else b""
        data += piece
        if ready and not piece:
            break
        if status is not None and not ready:
            break
        if status is None and not ready:
            ended_pid, code = os.waitpid(pid, os.WNOHANG)
            status = code if ended_pid else None
    os.close(reader)
    if status is None:
        _, status = os.waitpid(pid, 0)
    return data, status
