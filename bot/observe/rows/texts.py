"""Texts that look a little like what their columns' names promise. Pure.

A migration may take values apart: an address without an @ would make it fail where no real row
does.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from bot.observe.rows.pattern import matches, matching
from bot.observe.rows.rule import Rule

_CODE = string.ascii_lowercase + string.digits
_SHAPES = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"e?mail|login", "{name}{n}@example.org"),
        (r"ur[il]|link|href|website|webhook|homepage", "https://example.org/{name}/{n}"),
        (r"phone|mobile|fax", "+4930{n:07d}"),
        (r"slug|_key$|^key$|handle|username|nickname", "{name}-{n}"),
        (r"colou?r", "#{n:06x}"),
        (r"_at$|timestamp|date", "2024-01-01T00:{m:02d}:{s:02d}+00:00"),
        (r"uuid|guid", "00000000-0000-4000-8000-{n:012x}"),
        (r"hash|digest|checksum|token|secret|password", "{n:064x}"),
        (r"^ip$|_ip$|^ip_|ip_address", "10.0.{m}.{s}"),
        (r"json|payload|metadata|settings", '{{"n": {n}}}'),
        (r"^zip$|zip_?code|postal", "{n:05d}"),
        (r"_id$|number", "{name}-{n}"),
    )
)


def text(column: str, rule: Rule, number: int, longest: int | None) -> str:
    """The text of that row: different for different numbers, as far as its length allows."""
    most = min((item for item in (longest, rule.longest) if item is not None), default=None)
    found = _shaped(column, number)
    if most is not None and len(found) > most:
        found = code(number, most)
    if len(found) < rule.shortest:
        found += "x" * (rule.shortest - len(found))
    for pattern in rule.patterns:
        if not matches(pattern, found):
            found = matching(pattern, number) or found
    return found


def code(number: int, width: int) -> str:
    """So many letters and digits that tell numbers apart."""
    out = ""
    while len(out) < min(width, 8):
        number, place = divmod(number, len(_CODE))
        out = _CODE[place] + out
    return out


def long(longest: int | None) -> str:
    """A text as long as the column takes; it packs well, so that it fits into an index."""
    return "long text " * 400 if longest is None else ("long text " * 1000)[: min(longest, 9000)]


def unusual(column: str, longest: int | None) -> str:
    """Letters outside ASCII, composed and not, from right to left, and beyond 16 bits."""
    found = f"{column} Zo\u0308e Ω ş ß שלום 名 \U0001f600"
    return unicodedata.normalize("NFC", found) if longest is None else found[-longest:]


def _shaped(column: str, number: int) -> str:
    name, template = _shape(column)
    return template.format(name=name, n=number, m=number // 60 % 60, s=number % 60)


@lru_cache(maxsize=4096)
def _shape(column: str) -> tuple[str, str]:
    """The column's name in plain letters, and what its texts look like."""
    name = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") or "text"
    found = (template for pattern, template in _SHAPES if pattern.search(name))
    return name, next(found, "{name} {n}")
