"""What was learnt of base on an earlier run, beside the database that the server's cache keeps."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from bot.facts import BaseState, Chain
from bot.observe.protocol import VersionTable

_LIMIT = 32 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Remembered:
    """Base's graph, how its database came about, and the table that holds its version rows.

    ``environment`` is ``project`` where base's own env.py ran; ``stand_ins`` as in ``Opened``.
    """

    chain: Chain
    state: BaseState
    versions: VersionTable
    environment: str = "project"
    stand_ins: tuple[str, ...] = ()


class BaseCache:
    """Entries in a folder, one for each key; a damaged one counts as missing.

    Only what base's own files made is kept, written before any of head's code has run.
    """

    def __init__(self, folder: Path | None, key: str) -> None:
        name = sha256(f"1\n{key}".encode()).hexdigest()[:32]
        self._path = None if folder is None else folder / "base" / f"{name}.json"

    @property
    def keeps(self) -> bool:
        """Whether there is a folder to write to."""
        return self._path is not None

    def read(self) -> dict[str, Remembered]:
        """By project; empty when there is nothing."""
        if self._path is None:
            return {}
        try:
            data = self._path.read_bytes()
            if len(data) > _LIMIT:
                return {}
            return msgspec.json.decode(data, type=dict[str, Remembered])
        except (OSError, msgspec.MsgspecError, RecursionError):
            return {}

    def write(self, found: dict[str, Remembered]) -> None:
        """Keep it; a folder that cannot be written keeps nothing."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(found))
            Path(name).replace(self._path)
        except OSError:
            return
