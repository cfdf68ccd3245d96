"""What one system said about every case, as it is kept in ``accuracy/results/``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fixtures.build import MESSAGE
from fixtures.labelled import CORPUS, Labelled

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True, order=True)
class Remark:
    """One finding: the system's own name for it and its place.

    ``line`` is that of the revision file, 0 where the system names none; ``sql`` then tells the
    statements of the SQL apart that it was shown (0: it names no place at all).
    """

    rule: str
    path: str
    line: int
    sql: int = 0

    def __str__(self) -> str:
        return f"{self.rule} {self.path}:{self.line}" + (f" sql:{self.sql}" if self.sql else "")

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it is."""
        return self.path, self.line, self.sql

    @staticmethod
    def read(text: str) -> Remark:
        """The reverse of ``str``."""
        rule, place = text.split(" ", 1)
        place, _, sql = place.partition(" sql:")
        path, line = place.rsplit(":", 1)
        return Remark(rule, path, int(line), int(sql or 0))


@dataclass(frozen=True)
class Said:
    """All that a system said. ``unread`` maps the cases that it could not analyse to the reason."""

    system: str
    version: str
    corpus: str
    remarks: Mapping[str, tuple[Remark, ...]]
    unread: Mapping[str, str]

    def to_json(self) -> str:
        """One line for each case, so that a difference can be read."""
        cases = {
            **{name: [str(item) for item in sorted(said)] for name, said in self.remarks.items()},
            **{name: {"unread": why} for name, why in self.unread.items()},
        }
        lines = [
            f"    {json.dumps(name)}: {json.dumps(cases[name], ensure_ascii=False)}"
            for name in sorted(cases)
        ]
        head = json.dumps(
            {"system": self.system, "version": self.version, "corpus": self.corpus}, indent=2
        )
        return f'{head[:-2]},\n  "cases": {{\n' + ",\n".join(lines) + "\n  }\n}\n"

    @staticmethod
    def from_json(text: str) -> Said:
        """The reverse of ``to_json``."""
        data = json.loads(text)
        cases = data.pop("cases")
        return Said(
            **data,
            remarks={
                name: tuple(map(Remark.read, said))
                for name, said in cases.items()
                if isinstance(said, list)
            },
            unread={name: said["unread"] for name, said in cases.items() if isinstance(said, dict)},
        )

    def save(self) -> None:
        """Write it to its file."""
        place(self.system).write_text(self.to_json(), "utf-8")


def place(system: str) -> Path:
    """The file of one system's results."""
    return RESULTS / f"{system}.json"


def load(system: str) -> Said | None:
    """What is kept of that system, None when it was never run."""
    path = place(system)
    return Said.from_json(path.read_text("utf-8")) if path.exists() else None


def fingerprint(cases: tuple[Labelled, ...]) -> str:
    """16 hexadecimal digits that change with what any system gets to see; labels do not count."""
    digest = sha256()
    for case in cases:
        for side in (case.base, case.files):
            for path, content in sorted(side.items()):
                digest.update(f"{case.id}\0{path}\0".encode() + content + b"\0")
        told = (case.commit, case.pull_request)
        if told != (MESSAGE, None):
            digest.update(repr(told).encode())
    return digest.hexdigest()[:16]


__all__ = ["CORPUS", "RESULTS", "Remark", "Said", "fingerprint", "load", "place"]
