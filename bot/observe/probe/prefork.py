"""The first process: it imports what all sessions need, then becomes the parent of them."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
from typing import NoReturn, Sequence

from .channel import Channel
from .session import die_with_parent, serve


def main(arguments: Sequence[str]) -> None:
    """Entry point: ``--session R,W`` once or several times."""
    pairs = _pairs(arguments)
    for pair in pairs:
        for fd in pair:
            os.set_inheritable(fd, False)  # noqa: FBT003 - programs of the target must not hold them
    missing = _prepared()
    children = []
    for index, (reader, writer) in enumerate(pairs):
        pid = os.fork()
        if pid == 0:
            for other, fds in enumerate(pairs):
                if other != index:
                    for fd in fds:
                        os.close(fd)
            _child(reader, writer, missing)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        children.append(pid)
    for pair in pairs:
        for fd in pair:
            os.close(fd)
    _stop_with_me(children)
    for pid in children:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _pairs(arguments: Sequence[str]) -> list[tuple[int, int]]:
    pairs = []
    for flag, value in zip(arguments[::2], arguments[1::2]):
        if flag == "--session":
            reader, writer = value.split(",")
            pairs.append((int(reader), int(writer)))
    return pairs


def _prepared() -> str | None:
    """Import what every session will need; the reason when something of it is not there.

    The collector stands still meanwhile, for modules are not garbage, and never looks at them again
    (Python documentation, ``gc.freeze``): collecting costs a tenth of the imports and copies the
    pages that the sessions share.
    """
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
    for name in ("sqlalchemy.orm", "alembic.op", drivers.MODULES.get(found or "")):
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
