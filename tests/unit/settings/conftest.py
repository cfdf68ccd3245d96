"""Trees that hold nothing but configuration."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import pytest


@dataclass
class DictTree:
    """A tree whose files are given."""

    files: dict[str, bytes]

    @property
    def paths(self) -> Collection[str]:
        """Its files."""
        return self.files.keys()

    def read(self, path: str) -> bytes | None:
        """The bytes of one of them."""
        return self.files.get(path)


MakeTree = Callable[..., DictTree]


@pytest.fixture(scope="session")
def tree() -> MakeTree:
    """Make a tree of a ``.db-recheck.toml``, or of texts by path."""

    def make(own: str | None = None, **files: str) -> DictTree:
        held = {name.replace("__", "."): text.encode() for name, text in files.items()}
        return DictTree(held if own is None else {".db-recheck.toml": own.encode(), **held})

    return make
