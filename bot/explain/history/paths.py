"""Which files a pattern of the configuration means."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns means the path.

    ``*`` and ``**`` stand for anything, slashes included; a pattern that ends in a slash means all
    that lies below that folder, wherever the folder lies.
    """
    return any(_means(pattern, path) for pattern in patterns)


def _means(pattern: str, path: str) -> bool:
    if pattern.endswith("/"):
        return f"/{path}".find(f"/{pattern.lstrip('/')}") >= 0
    return fnmatchcase(path, pattern) or fnmatchcase(f"/{path}", f"*/{pattern}")
