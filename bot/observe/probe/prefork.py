"""The first process: it imports what all sessions need, then becomes the parent of them."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
from typing import NoReturn, Sequence

from . import unplugged
from .channel import Channel
from .session import adopt_orphans, die_with_parent, serve


def main(arguments: Sequence[str]) -> None:
    """Entry point: ``--session R,W``, as often as wanted, and ``--more S``, which brings others."""
    pairs = _pairs(arguments)
    more = _more(arguments)
    for pair in pairs:
        for fd in pair:
            os.set_inheritable(fd, False)  # noqa: FBT003 - programs of the target must not hold them
    adopt_orphans()  # of a session that has ended
    missing = _prepared()
    children: list[int] = []
    for index, pair in enumerate(pairs):
        others = [fd for other, fds in enumerate(pairs) if other != index for fd in fds]
        children.append(_forked(pair, others, more, missing))
    for pair in pairs:
        for fd in pair:
            os.close(fd)
    _stop_with_me(children)
    if more is not None:
        _on_demand(more, children, missing)
    for pid in children:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _forked(
    pair: Sequence[int], others: Sequence[int], more: socket.socket | None, missing: str | None
) -> int:
    """A session's process: its pid, for it never returns here itself."""
    pid = os.fork()
    if pid == 0:
        for fd in others:
            os.close(fd)
        if more is not None:
            more.close()
        _child(pair[0], pair[1], missing)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    return pid


def _on_demand(more: socket.socket, children: list[int], missing: str | None) -> None:
    """A session for each pair of pipes that comes over the socket, until its other end closes."""
    while True:
        message, pair, _, _ = socket.recv_fds(more, 1, 2)
        if not message:
            return
        _reap(children)
        children.append(_forked(pair, (), more, missing))
        for fd in pair:
            os.close(fd)


def _reap(children: list[int]) -> None:
    """Bury what has ended, adopted processes too: zombies count against the limit."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            if pid in children:
                children.remove(pid)


def _pairs(arguments: Sequence[str]) -> list[tuple[int, int]]:
    pairs = []
    for flag, value in zip(arguments[::2], arguments[1::2]):
        if flag == "--session":
            reader, writer = value.split(",")
            pairs.append((int(reader), int(writer)))
    return pairs


def _more(arguments: Sequence[str]) -> socket.socket | None:
    given = [value for flag, value in zip(arguments[::2], arguments[1::2]) if flag == "--more"]
    return socket.socket(fileno=int(given[0])) if given else None


def _prepared() -> str | None:
    """Import what every session will need; the reason when something of it is not there.

    The collector stands still meanwhile, for modules are not garbage, and never looks at them again
    (Python documentation, ``gc.freeze``): collecting costs a tenth of the imports and copies the
    pages that the sessions share.
    """
    unplugged.apply()
    gc.disable()
    missing = _missing()
    if missing is None:
        _foresee()
    gc.freeze()
    gc.enable()
    return missing


def _foresee() -> None:
    """Import once what nearly every project will import, instead of once in each attempt."""
    from . import drivers

    found = drivers.available(asynchronous=False) or drivers.available(asynchronous=True)
    foreseen = ("sqlalchemy.orm", "alembic.op", "alembic.autogenerate.compare")
    for name in (*foreseen, drivers.MODULES.get(found or "")):
        if name:
            with contextlib.suppress(BaseException):  # who needs it is told what is wrong with it
                importlib.import_module(name)


def _missing() -> str | None:
    """Import Alembic and SQLAlchemy; the reason when one of them is not there."""
    for name in ("sqlalchemy", "alembic"):
        try:
            __import__(name)
        except ModuleNotFoundError as error:
            if error.name == name:
                return f"{name} is not installed in {sys.executable}"
            return f"{name} cannot be imported in {sys.executable}: {error}"
        except BaseException as error:
            return f"{name} cannot be imported in {sys.executable}: {error!r}"
    from . import attempt  # noqa: F401 - imported once here, so that every fork has it

    return None


def _child(reader: int, writer: int, missing: str | None) -> NoReturn:
    """A session's process; never returns."""
    status = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        die_with_parent()
        adopt_orphans()
        channel = Channel(reader, writer)
        serve(channel, missing)
        status = 0
    except BaseException as error:
        sys.stderr.write(f"db-recheck probe: {error!r}\n")
    finally:
        os._exit(status)


def _stop_with_me(children: Sequence[int]) -> None:
    def stop(number: int, _frame: object) -> NoReturn:
        for pid in children:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
