"""What a run of GitHub Actions was started for: its payload and environment read as data. Pure."""

from __future__ import annotations

from bot.event.kinds import Asked, Event, Finished, Nothing, Refused, Review, Warm
from bot.event.payload import BadPayload, Payload
from bot.event.read import read_event

__all__ = [
    "Asked",
    "BadPayload",
    "Event",
    "Finished",
    "Nothing",
    "Payload",
    "Refused",
    "Review",
    "Warm",
    "read_event",
]
