"""What a session's process and its attempts say to each other and to the bot, and how."""

from __future__ import annotations

import json
import mmap
import os
import sys
from typing import Any

MAX_TRIES = 25
PAGE = 65_536  # bytes; a path has at most 4,096, and JSON writes a strange one as six


def versions() -> dict[str, str]:
    """Versions of what runs here; empty where it is not imported."""
    return {
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "alembic": getattr(sys.modules.get("alembic"), "__version__", ""),
        "sqlalchemy": getattr(sys.modules.get("sqlalchemy"), "__version__", ""),
        "driver": "",
    }


def failed(
    request: dict[str, Any], message: str, kind: str = "python", exception: str = ""
) -> dict[str, Any]:
    """The answer to a request that could not be met, as the bot reads it."""
    return {
        "id": request.get("id"),
        "ok": False,
        "failure": {
            "kind": kind,
            "message": message,
            "exception": exception,
            "sqlstate": None,
            "statement": None,
            "path": None,
            "line": None,
        },
    }


class Notes:
    """What an attempt tells the session's process: where it is, or what the next one needs.

    Where it is stands in memory that both share: a pipe would wake the reader at every revision.
    """

    def __init__(self, writer: int, page: mmap.mmap) -> None:
        self._writer = writer
        self._page = page
        self._owner = os.getpid()

    def write(self, **note: Any) -> None:
        """Write one note; the last one tells where the process was when it ended."""
        if os.getpid() != self._owner:
            return
        data = json.dumps(note).encode("ascii") + b"\n"
        if "stage" in note and len(data) <= PAGE:
            self._page[0:1] = b"\n"  # none, should the process end within the next line
            self._page[1 : len(data)] = data[1:]
            self._page[0:1] = data[:1]
            return
        view = memoryview(data)
        while view:
            view = view[os.write(self._writer, view) :]
