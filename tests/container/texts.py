"""What differs from run to run in the texts that are compared."""

from __future__ import annotations

import re

_VARYING = (
    (r"\b\d+(\.\d+)? (ms|s)\b", "SECONDS"),
    (r"PostgreSQL \d+(\.\d+)+", "PostgreSQL VERSION"),
    (r"db-recheck \d+(\.\d+)+", "db-recheck VERSION"),
)
_FOOT = re.compile(r"^PostgreSQL VERSION \((?:service|embedded)\).*\Z", re.MULTILINE | re.DOTALL)


def settled(text: str) -> str:
    """The text with durations and versions replaced by words.

    The foot of a text report is put on one line: a duration of another length breaks it elsewhere.
    """
    for pattern, word in _VARYING:
        text = re.sub(pattern, word, text)
    return _FOOT.sub(lambda foot: " ".join(foot[0].split()) + "\n", text)
