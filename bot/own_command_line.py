"""What other processes see of how this one was called."""

from __future__ import annotations

import contextlib
from pathlib import Path

_ARG_START = 45  # of /proc/pid/stat behind the name, from 0: fields 48 and 49 (proc(5))


def hide_argument(text: str) -> None:
    """Overwrite an argument where ps(1) reads it: everybody may, the migrations too.

    Nothing happens where the kernel does not tell where that is.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        start, end = map(int, fields[_ARG_START : _ARG_START + 2])
        if not 0 < start < end:
            return
        import ctypes

        needle = text.encode("utf-8", "surrogateescape")
        place = ctypes.string_at(start, end - start).find(needle)
        while place >= 0:
            ctypes.memset(start + place, ord("x"), len(needle))
            place = ctypes.string_at(start, end - start).find(needle)
