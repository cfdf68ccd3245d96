"""A webhook payload: JSON that others had a hand in, looked up without surprises."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

LIMIT_BYTES = 25 * 1024 * 1024  # GitHub delivers no payload above 25 MB

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NO_COMMIT = re.compile("0+")


class BadPayload(Exception):
    """The event's payload is not what GitHub sends; the message names the field."""


@dataclass(frozen=True)
class Payload:
    """The payload of one event. Fields are named by their path: ``pull_request.head.sha``."""

    data: Any

    @classmethod
    def parse(cls, text: bytes) -> Payload:
        """The payload of a file's bytes.

        Raises:
            BadPayload: no JSON object, or too large.
        """
        if len(text) > LIMIT_BYTES:
            raise BadPayload(f"the event's payload has {len(text)} bytes, more than GitHub sends")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise BadPayload("the event's payload is not JSON") from None
        if not isinstance(data, dict):
            raise BadPayload("the event's payload is not a JSON object")
        return cls(data)

    def get(self, path: str) -> Any:
        """The value at that path, None where there is none."""
        value = self.data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, path: str) -> str:
        """The text there, "" where there is none."""
        value = self.get(path)
        return value if isinstance(value, str) else ""

    def number(self, path: str) -> int:
        """The number there, which counts from 1.

        Raises:
            BadPayload: there is none.
        """
        value = self.get(path)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        raise BadPayload(f"the event's payload has no number at `{path}`")

    def sha(self, path: str) -> str:
        """The full commit id there.

        Raises:
            BadPayload: there is none.
        """
        value = self.text(path)
        if _SHA.fullmatch(value) and not _NO_COMMIT.fullmatch(value):
            return value
        raise BadPayload(f"the event's payload has no commit id at `{path}`")

    def sha_or_none(self, path: str) -> str | None:
        """The full commit id there, None where there is none (GitHub writes zeros for that)."""
        try:
            return self.sha(path)
        except BadPayload:
            return None

    def name(self, path: str) -> str:
        """The name of a branch or a person there.

        Raises:
            BadPayload: there is none.
        """
        value = self.text(path)
        if value and value.isprintable():
            return value
        raise BadPayload(f"the event's payload has no name at `{path}`")
