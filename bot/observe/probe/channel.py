"""JSON lines over a pair of pipe ends."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

MAX_LINE = 1_000_000  # bytes of one line
MAX_OPEN = 8_000_000  # bytes of the answer of "open"


class Channel:
    """One session's pipe ends, written from one place by one process.

    ``owner`` is the process that may write: a process that the target's code forks off inherits
    the pipe and must stay silent.
    """

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer
        self._buffer = b""
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def take_over(self) -> None:
        """The calling process becomes the one that writes (after a fork)."""
        self._owner = os.getpid()
        self._lock = threading.Lock()

    @property
    def ours(self) -> bool:
        """Whether the calling process is the one that may write."""
        return os.getpid() == self._owner

    def receive(self) -> dict[str, Any] | None:
        """The next object, or None when the other end has closed or sent what is no JSON."""
        while b"\n" not in self._buffer:
            data = os.read(self._reader, 65536)
            if not data:
                return None
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        try:
            message = json.loads(line.decode("utf-8"))
        except ValueError:
            return None
        return message if isinstance(message, dict) else None

    def send(
        self, message: dict[str, Any], *, limit: int = MAX_LINE, after_break: bool = False
    ) -> None:
        """Write one line; what cannot be encoded or is too long is replaced by a failure."""
        if not self.ours:
            return
        data = _encode(message)
        if len(data) > limit:
            data = _encode(
                {
                    "id": message.get("id"),
                    "ok": False,
                    "failure": {
                        "kind": "python",
                        "message": f"the answer is longer than {limit} bytes",
                        "exception": "",
                        "sqlstate": None,
                        "statement": None,
                        "path": None,
                        "line": None,
                    },
                }
            )
        data = (b"\n" if after_break else b"") + data + b"\n"
        with self._lock:
            view = memoryview(data)
            while view:
                written = os.write(self._writer, view)
                view = view[written:]


def _encode(message: dict[str, Any]) -> bytes:
    text = json.dumps(message, ensure_ascii=True, separators=(",", ":"), default=str)
    if "\\ud" in text:  # perhaps a lone surrogate, which is not Unicode text: strict readers refuse
        text = json.dumps(_clean(message), ensure_ascii=True, separators=(",", ":"), default=str)
    return text.encode("ascii")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
