"""Progress on stderr: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import threading
from typing import TextIO

from bot.wording import visible


class Progress:
    """A callable that tells what is being done; ``close`` takes the live line away."""

    def __init__(self, stream: TextIO, *, quiet: bool) -> None:
        self._stream = stream
        self._quiet = quiet
        self._live = not quiet and stream.isatty()
        self._lock = threading.Lock()
        self._shown = False

    def __call__(self, text: str) -> None:
        """Tell it. Names in it come from the target, so control characters are taken out."""
        if self._quiet:
            return
        line = " ".join(visible(text).split())
        with self._lock:
            if self._live:
                width = shutil.get_terminal_size().columns - 1
                self._stream.write(f"\r\x1b[K{line[:width]}")
                self._shown = True
            else:
                # "::" at the start of a line and "##[" anywhere would command the runner
                self._stream.write(f"db-recheck: {line.replace('##[', '## [')}\n")
            self._stream.flush()

    def close(self) -> None:
        """Remove the live line, so that what follows starts on an empty one."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False
