"""One request to a session: its events, what is asked in between, and its answer."""

from __future__ import annotations

import json
import time
from typing import TypeVar

from bot.observe.answers import Trace
from bot.observe.locks import UNENDED, Unreadable, Watch
from bot.observe.pipes import Late, Pipes
from bot.observe.protocol import (
    LINE_BYTES,
    NAME,
    BadFrame,
    DoneEvent,
    Head,
    ReadEvent,
    StatementEvent,
    cut,
    decode,
)

_FRAMES = 50_000  # of one request; an honest one sends two for each of 5,000 statements

Answer = TypeVar("Answer")


class Exchange:
    """Sends one request and reads up to its answer.

    ``until`` (``time.monotonic()``) ends every wait, ``longest`` is the limit of the answer's line
    in bytes. Statements are noted in ``trace``; those that wait are let go when ``watch`` has seen
    enough. Every method raises Late, Closed or TooLong as the pipes do, and BadFrame.
    """

    def __init__(
        self,
        pipes: Pipes,
        number: int,
        until: float,
        longest: int,
        trace: Trace,
        watch: Watch | None = None,
    ) -> None:
        self._pipes = pipes
        self._number = number
        self._until = until
        self._longest = longest
        self._trace = trace
        self._watch = watch

    def answer(self, request: dict[str, object], shape: type[Answer]) -> Answer:
        """The answer, of that shape."""
        if self._watch is not None:
            self._watch.begin()
        self._send(request)
        try:
            for _ in range(_FRAMES):
                head, line = self._frame(self._longest)
                if head.event is None:
                    return decode(line, shape)
                self._event(head.event, line, self._watch)
        finally:
            if self._watch is not None:
                self._watch.end()
        raise BadFrame(f"more than {_FRAMES} events")

    def _send(self, message: dict[str, object]) -> None:
        text = json.dumps({"id": self._number, **message}, separators=(",", ":"))
        self._pipes.send(text.encode() + b"\n", self._until)

    def _frame(self, longest: int) -> tuple[Head, bytes]:
        line = b""
        while not line.strip():
            line = self._line(longest)
        head = decode(line, Head)
        if head.id != self._number:
            raise BadFrame(f"an answer to request {head.id} instead of {self._number}")
        if head.event is None and head.ok is None:
            raise BadFrame("neither an answer nor an event")
        return head, line

    def _line(self, longest: int) -> bytes:
        """The next line; the watch looks at the running statement while there is none."""
        while True:
            pause = None if self._watch is None else self._watch.pause
            if self._watch is None or pause is None:
                return self._pipes.line(self._until, longest)
            try:
                return self._pipes.line(min(self._until, time.monotonic() + pause), longest)
            except Late:
                if time.monotonic() >= self._until:
                    raise
                self._watch.look()

    def _event(self, kind: str, line: bytes, watch: Watch | None) -> None:
        if kind == "statement":
            self._started(decode(line, StatementEvent), watch)
        elif kind == "done":
            self._ended(decode(line, DoneEvent), watch)
        else:
            raise BadFrame(f"an event {kind[:50]!r} that was not asked for")

    def _started(self, event: StatementEvent, watch: Watch | None) -> None:
        self._trace.sent(event)
        if watch is not None:
            self._trace.saw(event.seq, UNENDED if event.waits else watch.missed)
        if event.waits:
            if watch is not None:
                watch.before(event, self._ask)
            self._let_go(watch)

    def _ended(self, event: DoneEvent, watch: Watch | None) -> None:
        self._trace.done(event)
        if event.waits:
            if watch is not None:
                self._trace.saw(event.seq, watch.after(event, self._ask))
            self._let_go(watch)

    def _let_go(self, watch: Watch | None) -> None:
        self._send({"go": True, "watch": watch is not None and watch.more})

    def _ask(self, query: str) -> str:
        """What a query gives on the connection of the statement that waits.

        Raises:
            Unreadable: it failed there; the message is the driver's.
        """
        self._send({"read": query})
        for _ in range(_FRAMES):
            head, line = self._frame(LINE_BYTES)
            if head.event == "read":
                found = decode(line, ReadEvent)
                if found.value is None:
                    raise Unreadable(cut(found.error or "no answer", NAME))
                return found.value
            if head.event is None:
                break
            self._event(head.event, line, None)  # of another connection
        raise BadFrame("no answer to what was asked on a statement's connection")
