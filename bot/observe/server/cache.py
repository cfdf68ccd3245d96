"""Keeps the data directory of a server of our own from run to run.

An entry is a folder ``server/<key>`` of the cache: ``data``, copied while nobody wrote, and
``entry.json``. What is damaged, foreign or half written counts as not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

FORMAT = 1
KEPT = 5  # entries; the least recently used go first
LIMIT_BYTES = 1024**3  # a larger state is not worth keeping


class Contents(msgspec.Struct, frozen=True):
    """``entry.json``: the caller's labels, the superuser's password then, and what to expect."""

    format: int
    labels: dict[str, str]
    password: str
    files: int
    bytes: int


def entry_path(folder: Path, key: str, identity: str) -> Path:
    """Where the state for the caller's key and these binaries (``Binaries.identity``) is kept."""
    digest = hashlib.sha256(f"{FORMAT}\n{identity}\n{key}".encode()).hexdigest()
    return folder.absolute() / "server" / digest[:32]


def read(entry: Path) -> Contents | None:
    """What the entry holds, or None when there is none that can be used."""
    try:
        contents = msgspec.json.decode((entry / "entry.json").read_bytes(), type=Contents)
        measured = _measure(entry / "data")
    except (OSError, ValueError, RecursionError):
        return None
    if contents.format != FORMAT or measured != (contents.files, contents.bytes):
        return None
    with contextlib.suppress(OSError):  # a cache that is read-only is a cache
        os.utime(entry)
    return contents


def restore(entry: Path, data: Path) -> None:
    """Copy the entry's data directory to ``data``.

    Raises:
        OSError: it cannot be copied.
    """
    _copy(entry / "data", data)
    data.chmod(0o700)  # as the server demands


def write(entry: Path, data: Path, labels: Mapping[str, str], password: str) -> bool:
    """Copy a data directory that nobody writes to, and put it in place in one step.

    False when the cache cannot be written or the state is too large. Another run's entry of the
    same key is as good and stays.
    """
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".new-", dir=entry.parent))
    except OSError:
        return False
    try:
        _copy(data, place / "data")
        (place / "data/postmaster.pid").unlink(missing_ok=True)
        files, size = _measure(place / "data")
        if size > LIMIT_BYTES:
            return False
        contents = Contents(FORMAT, dict(labels), password, files, size)
        (place / "entry.json").write_bytes(msgspec.json.encode(contents))
        _open_to_owner(place, entry.parent)
        if read(entry) is None:
            shutil.rmtree(entry, ignore_errors=True)
        place.rename(entry)
    except (OSError, ValueError):
        return False
    finally:
        shutil.rmtree(place, ignore_errors=True)
    _forget_old(entry.parent)
    return True


def copy_aside(data: Path, kept: Path) -> bool:
    """Copy a data directory within the room, which is quick; whether that worked."""
    try:
        kept.mkdir(mode=0o700)
        _copy(data, kept / "data")
    except OSError:
        shutil.rmtree(kept, ignore_errors=True)
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    command = ["cp", "-R", "-P", "--reflink=auto", "--", str(source), str(target)]
    copied = subprocess.run(command, check=False, capture_output=True)
    if copied.returncode != 0:
        raise OSError(copied.stderr.decode("utf-8", "replace"))


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        for item in found:
            yield item
            if item.is_dir(follow_symlinks=False):
                yield from _walk(Path(item.path))


def _measure(data: Path) -> tuple[int, int]:
    """Number and bytes of the files; ValueError for what no data directory of ours holds."""
    files = size = 0
    for item in _walk(data):
        if item.is_dir(follow_symlinks=False):
            continue
        if not item.is_file(follow_symlinks=False):
            raise ValueError(f"{item.path} is neither file nor folder")
        files += 1
        size += item.stat(follow_symlinks=False).st_size
    return files, size


def _open_to_owner(place: Path, folder: Path) -> None:
    """Whoever owns the cache can pack it up: a later step of a workflow runs as another user."""
    owner = folder.parent.stat()
    for path, mode in [(place, 0o755), *((Path(item.path), None) for item in _walk(place))]:
        path.chmod(mode or (0o755 if path.is_dir() else 0o644))
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _forget_old(folder: Path) -> None:
    def used(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0.0

    entries = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for path in sorted(entries, key=used, reverse=True)[KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
