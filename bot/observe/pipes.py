"""Lines over a pair of pipes with deadlines, whoever holds the other ends."""

from __future__ import annotations

import contextlib
import os
import select
import time

_CHUNK = 256 * 1024


class Late(Exception):
    """The deadline passed."""


class Closed(Exception):
    """The other side has closed its ends, or died."""


class TooLong(Exception):
    """A line is longer than the reader allows."""


class Pipes:
    """The parent's two ends; ``theirs`` are the descriptors for the child to inherit.

    One thread at a time.
    """

    def __init__(self) -> None:
        child_reads, self._write = os.pipe()
        self._read, child_writes = os.pipe()
        self.theirs = (child_reads, child_writes)
        self._buffer = bytearray()
        self._scanned = 0
        self._open = True
        os.set_blocking(self._write, False)
        os.set_blocking(self._read, False)

    def close_theirs(self) -> None:
        """Close the child's ends in this process, so that its death can be seen."""
        for descriptor in self.theirs:
            os.close(descriptor)

    def close(self) -> None:
        """Close our ends: the end of file tells the child to go. Idempotent."""
        if self._open:
            self._open = False
            os.close(self._write)
            os.close(self._read)

    def send(self, data: bytes, until: float) -> None:
        """Write all of it.

        Raises:
            Late: the child did not read it by ``until`` (``time.monotonic()``).
            Closed: nobody reads any more.
        """
        view = memoryview(data)
        while view:
            self._wait(self._write, select.POLLOUT, until)
            try:
                view = view[os.write(self._write, view) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Closed from None

    def line(self, until: float, longest: int) -> bytes:
        """The next line without its end.

        Raises:
            Late: it did not come by ``until`` (``time.monotonic()``).
            Closed: the other side is gone; a last line without an end is dropped.
            TooLong: it has more than ``longest`` bytes.
        """
        while (end := self._buffer.find(b"\n", self._scanned)) < 0:
            self._scanned = len(self._buffer)
            if self._scanned > longest:
                raise TooLong
            self._wait(self._read, select.POLLIN, until)
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(self._read, _CHUNK)
                if not chunk:
                    raise Closed
                self._buffer += chunk
        if end > longest:
            raise TooLong
        found = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._scanned = 0
        return found

    def _wait(self, descriptor: int, events: int, until: float) -> None:
        if not self._open:
            raise Closed
        remaining = until - time.monotonic()
        poll = select.poll()
        poll.register(descriptor, events)
        if remaining <= 0 or not poll.poll(remaining * 1000):
            raise Late
