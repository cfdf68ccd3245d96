"""Hidden marks by which our own comments are found again, and what they may hold. Pure.

A mark is an HTML comment on the first line, which GitHub does not show. Anybody can write one, so
it proves nothing without the author.
"""

from __future__ import annotations

import re
from hashlib import sha256

COMMENT = "<!-- db-recheck comment -->"
REVIEW = "<!-- db-recheck review -->"
_FINDING = re.compile(r"<!-- db-recheck finding ([0-9a-f]{16}(?:-\d+)?) ([0-9a-f]{12}) -->")

# What two runs that saw the same tell differently: their own page and the time they took.
_RUN = re.compile(r"/actions/runs/\d+(?:/attempts/\d+)?(?:/job/\d+)?")
_TOOK = re.compile(r" · \d+(?:\.\d+)? s(?= · )")


def finding(fingerprint: str, said: str) -> str:
    """The mark of one finding's comment: which finding it is, and a digest of what is said."""
    return f"<!-- db-recheck finding {fingerprint} {digest(said)} -->"


def finding_of(body: str) -> tuple[str, str] | None:
    """Fingerprint and digest of a comment that starts with such a mark."""
    match = _FINDING.match(body)
    return (match[1], match[2]) if match else None


def findings_in(body: str) -> frozenset[str]:
    """The fingerprints of all marks in a text."""
    return frozenset(match[1] for match in _FINDING.finditer(body))


def digest(text: str) -> str:
    """12 hexadecimal digits of a text, to see whether it changed."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def settled(body: str) -> str:
    """A text without what differs between two runs that saw the same: unchanged if equal."""
    lines = body.replace("\r\n", "\n").strip()
    return _TOOK.sub("", _RUN.sub("/actions/runs/…", lines))
