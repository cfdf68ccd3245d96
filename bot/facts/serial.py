"""Facts to JSON and back. Reading is strict about types and ignores fields it does not know."""

from __future__ import annotations

import msgspec

from bot.facts import Facts

LIMIT_BYTES = 64 * 1024 * 1024  # more than this was not written by this program


class BadFacts(ValueError):
    """The bytes are not the facts of a run; the message says where and why."""


def to_json(facts: Facts) -> bytes:
    """Facts as indented JSON, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(facts), indent=1)


def from_json(data: bytes) -> Facts:
    """Facts read from JSON.

    Raises:
        BadFacts: wrong types, missing fields, another version, or too large.
    """
    if len(data) > LIMIT_BYTES:
        raise BadFacts(f"the facts file has {len(data)} bytes, more than {LIMIT_BYTES}")
    try:
        facts = msgspec.json.decode(data, type=Facts)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadFacts(f"not a facts file: {error}") from None
    if facts.facts_version != 1:
        raise BadFacts(f"facts_version {facts.facts_version} is not known to this version")
    return facts
