"""Folders for git's private directories, removed when they are left, or by the next run.

They may hold a URL with a password, so none outlives the run that was killed for long.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "db-recheck-git-"
_LOCK = "lock"  # held (flock) as long as the run lives
_ABANDONED = 60.0  # seconds after which a folder without a lock is nobody's


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A new folder of our own in ``parent``."""
    _sweep(parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as folder:
        lock = os.open(Path(folder, _LOCK), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(lock)


def _sweep(parent: Path) -> None:
    """Remove the folders of runs that were killed: ours, and locked by nobody."""
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            found = folder.lstat()
        except OSError:
            continue  # its run ended and took it along
        if found.st_uid != os.geteuid() or folder.is_symlink():
            continue
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            if time.time() - found.st_mtime > _ABANDONED:  # else it is just being made
                shutil.rmtree(folder, ignore_errors=True)
            continue
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue  # its run is alive
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
