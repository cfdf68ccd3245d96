"""Trees of files held in a dict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import pytest


@dataclass
class DictTree:
    """A tree whose files are given; ``reads`` counts what was looked into."""

    files: dict[str, bytes]
    reads: list[str] = field(default_factory=list)

    @property
    def paths(self) -> Collection[str]:
        """Its files."""
        return self.files.keys()

    def read(self, path: str) -> bytes | None:
        """The bytes of one of them."""
        self.reads.append(path)
        return self.files.get(path)


MakeTree = Callable[[Mapping[str, str | bytes]], DictTree]


@pytest.fixture(scope="session")
def tree() -> MakeTree:
    """Make a tree of texts and bytes by path."""

    def make(files: Mapping[str, str | bytes]) -> DictTree:
        return DictTree(
            {
                path: content.encode() if isinstance(content, str) else content
                for path, content in files.items()
            }
        )

    return make
