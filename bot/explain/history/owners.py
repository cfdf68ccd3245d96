"""Who owns a file, by CODEOWNERS.

GitHub Docs, "About code owners": the syntax is gitignore's without ``!`` and ``[ ]``; the last line
that matches a file decides; a line without owners takes them away.
"""

from __future__ import annotations

import re


def owners(text: str, path: str) -> tuple[str, ...]:
    """The owners of the path: ``@user``, ``@organisation/team`` or an address; none without."""
    found: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.partition(" #")[0].split()
        if words and not words[0].startswith("#") and _pattern(words[0]).match(path):
            found = tuple(words[1:])
    return found


def _pattern(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    folder = pattern.endswith("/")
    body = "".join(_PIECES.get(part, re.escape(part)) for part in _SPLIT.split(pattern.strip("/")))
    end = r"/.*" if folder else r"(?:/.*)?"
    if pattern.endswith("/*"):
        end = ""  # `docs/*`: the files right in it, none below
    return re.compile(("" if anchored else r"(?:.*/)?") + body + end + r"\Z")


_SPLIT = re.compile(r"(\*\*/|/\*\*|\*|\?)")
_PIECES = {"**/": r"(?:.*/)?", "/**": r"/.*", "*": r"[^/]*", "?": r"[^/]"}
