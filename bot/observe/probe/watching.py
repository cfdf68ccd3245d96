"""A statement waits, before it runs and after, until the bot has looked at its connection."""

from __future__ import annotations

import itertools
import os
import threading
from typing import TYPE_CHECKING, Any

from . import drivers

if TYPE_CHECKING:
    from .channel import Channel

MAX_READ = 950_000  # characters of one answer
MAX_WHY = 500


class Watching:
    """One watched run at a time. A statement that starts while another waits goes unwatched."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._reads = itertools.count()
        self.begin(None, watched=False)

    def begin(self, operation: int | None, *, watched: bool) -> None:
        """A new operation of the protocol."""
        self._operation = operation
        self._more = watched
        self._held = threading.Lock()

    def starts(self) -> bool:
        """Whether the statement that is about to be announced waits; ``wait`` follows if so."""
        return self._more and self._channel.ours and self._held.acquire(blocking=False)

    def wait(self, dbapi: Any) -> None:
        """Answer what the bot asks of this connection until it lets the statement go on."""
        while True:
            message = self._channel.receive()
            if message is None:
                os._exit(0)  # nobody is there any more: an exception would be the target's to catch
            if "go" in message:
                self._more = bool(message.get("watch"))
                return
            answer = {"id": self._operation, "event": "read"}
            # No two texts are the same: a driver may prepare what it has seen before, and what is
            # prepared does not survive the target's DEALLOCATE or DISCARD.
            query = f"{message.get('read')} /* {next(self._reads)} */"
            self._channel.send({**answer, **_read(dbapi, query)})

    def ends(self) -> None:
        """The statement that waited is done with."""
        self._held.release()


def _read(dbapi: Any, query: str) -> dict[str, str | None]:
    try:
        value = drivers.read(dbapi, query)
    except Exception as error:
        return {"value": None, "error": f"{type(error).__name__}: {error}"[:MAX_WHY]}
    if value is not None and len(value) > MAX_READ:
        return {"value": None, "error": f"the answer has {len(value)} characters"}
    return {"value": value, "error": None}
