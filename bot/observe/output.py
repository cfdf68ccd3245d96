"""What the target's code prints: drained, bounded, and harmless when it is shown.

A runner parses stdout and stderr of a job for commands: ``::name::`` at the start of a line and,
from older days, ``##[name]`` anywhere in it (GitHub Docs, "Workflow commands for GitHub Actions";
actions/runner, ``ActionCommand.cs``). Terminals obey escape sequences. So nothing that a stranger's
code printed is ever passed through; it is kept here, and ``harmless`` makes it text.
"""

from __future__ import annotations

import os
import re
import threading

from bot.wording import visible

TAIL_BYTES = 64 * 1024
_CHUNK = 64 * 1024
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement (ECMA-48, 5.4)
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM, APC: titles, links (ECMA-48, 5.6)
    r"|\x1b[ -/]*[0-~]",  # two-character escapes
    re.DOTALL,
)
_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_COMMAND = re.compile(r":(?=:)|#(?=#\[)")
_INVISIBLE = "\u200b"


def harmless(text: str) -> str:
    r"""Text that neither a runner nor a terminal takes for anything but text.

    Escape sequences go, other control and bidi characters become U+FFFD, every kind of line break
    becomes ``\n``, and a zero-width space parts ``::`` and ``##[`` wherever they stand.
    """
    shown = visible(_BREAKS.sub("\n", _ESCAPES.sub("", text)))
    return _COMMAND.sub(lambda found: found[0] + _INVISIBLE, shown)


class Drain:
    """Reads a pipe to its end in a thread, so that the writer never waits, and keeps its tail.

    ``descriptor`` is the read end; it is closed when the last writer has closed the other one.
    """

    def __init__(self, descriptor: int, keep: int = TAIL_BYTES) -> None:
        self._descriptor = descriptor
        self._keep = keep
        self._tail = bytearray()
        self._lock = threading.Lock()
        self.total = 0  # bytes seen, kept or not
        self._thread = threading.Thread(target=self._read, name="output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while chunk := os.read(self._descriptor, _CHUNK):
            with self._lock:
                self.total += len(chunk)
                self._tail += chunk
                del self._tail[: -self._keep]
        os.close(self._descriptor)

    def wait(self, seconds: float) -> None:
        """Give what was printed last the time to arrive."""
        self._thread.join(seconds)

    def text(self, limit: int = TAIL_BYTES) -> str:
        """The last ``limit`` bytes, harmless; a first line says how much is missing."""
        with self._lock:
            kept, total = bytes(self._tail[-limit:]), self.total
        shown = harmless(kept.decode("utf-8", "replace"))
        if total > len(kept):
            shown = f"[{total - len(kept)} bytes before this are not shown]\n{shown}"
        return shown
