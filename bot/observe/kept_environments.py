"""Environments that earlier runs installed: the ones used last stay, the others make room.

A change of a lock file makes a new environment, of some hundred megabytes; nobody comes back to one
that ten others followed. The note beside an environment (``<key>.note``) is touched at each use.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from bot.observe.strangers_files import remove

KEPT = 10
MAKING = ".making-"  # how the name of one begins that is not finished
_AT_WORK = 3600.0  # seconds since the last use: a run beside us may still be in it
_ABANDONED = 86_400.0  # seconds: what a run that was killed was making


def use(note: Path) -> None:
    """The environment of this note is used now."""
    try:
        os.utime(note)
    except OSError:  # another run made room, or the folder is read-only: nothing depends on it
        return


def make_room(folder: Path, now: float | None = None) -> tuple[str, ...]:
    """Remove what is used no more; the names of what went. ``now`` is in seconds of the epoch."""
    now = time.time() if now is None else now
    ages: dict[Path, float] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink() or not path.is_dir():
            continue
        unfinished = path.name.startswith(MAKING)
        mark = path if unfinished else path.with_name(path.name + ".note")
        try:
            ages[path] = now - (mark if mark.exists() else path).stat().st_mtime
        except OSError:  # another run makes room as well
            continue
    finished = [path for path in ages if not path.name.startswith(MAKING)]
    old = sorted(finished, key=ages.__getitem__)[KEPT:]
    gone = [path for path in old if ages[path] > _AT_WORK]
    gone += [path for path in ages.keys() - set(finished) if ages[path] > _ABANDONED]
    for path in sorted(gone):
        path.with_name(path.name + ".note").unlink(missing_ok=True)
        remove(path)
    return tuple(sorted(path.name for path in gone))
