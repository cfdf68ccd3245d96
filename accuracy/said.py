"""What one system said about every case, as it is kept in ``accuracy/results/``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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
class Answer:
    """What a system said about one case, or in ``unread`` why it could not analyse it.

    ``of`` is the fingerprint of what it was shown.
    """

    of: str
    remarks: tuple[Remark, ...] = ()
    unread: str | None = None


@dataclass(frozen=True)
class Said:
    """All that a system said, by the id of the case."""

    system: str
    version: str
    answers: Mapping[str, Answer]

    @property
    def remarks(self) -> dict[str, tuple[Remark, ...]]:
        """The cases that it could analyse."""
        return {name: it.remarks for name, it in self.answers.items() if it.unread is None}

    @property
    def unread(self) -> dict[str, str]:
        """The cases that it could not analyse, and why."""
        return {name: it.unread for name, it in self.answers.items() if it.unread is not None}

    def to_json(self) -> str:
        """One line for each case, so that a difference can be read."""
        lines = [
            f"    {json.dumps(name)}: {json.dumps(_row(answer), ensure_ascii=False)}"
            for name, answer in sorted(self.answers.items())
        ]
        head = json.dumps({"system": self.system, "version": self.version}, indent=2)
        return f'{head[:-2]},\n  "cases": {{\n' + ",\n".join(lines) + "\n  }\n}\n"

    @staticmethod
    def from_json(text: str) -> Said:
        """The reverse of ``to_json``."""
        data = json.loads(text)
        answers = {
            name: Answer(of, tuple(map(Remark.read, said)))
            if isinstance(said, list)
            else Answer(of, unread=said)
            for name, (of, said) in data["cases"].items()
        }
        return Said(data["system"], data["version"], answers)

    def save(self) -> None:
        """Write it to its file."""
        place(self.system).write_text(self.to_json(), "utf-8")


def _row(answer: Answer) -> list[object]:
    said = [str(item) for item in sorted(answer.remarks)]
    return [answer.of, said if answer.unread is None else answer.unread]


def place(system: str) -> Path:
    """The file of one system's results."""
    return RESULTS / f"{system}.json"


def load(system: str) -> Said | None:
    """What is kept of that system, None when it was never run."""
    path = place(system)
    return Said.from_json(path.read_text("utf-8")) if path.exists() else None


def fingerprint(case: Labelled, asked: Iterable[str] = ()) -> str:
    """16 hexadecimal digits that change with what a system gets to see of a case.

    Labels do not count. ``asked`` is what else its answer depends on.
    """
    digest = sha256(json.dumps([case.id, *asked]).encode())
    for side in (case.base, case.files):
        for path, content in sorted(side.items()):
            digest.update(f"\0{path}\0".encode() + content)
    for path, content in sorted(case.later.items()):
        digest.update(f"\0later {path}\0".encode() + content)
    for path in case.deletes:
        digest.update(f"\0deleted {path}\0".encode())
    told = (case.commit, case.pull_request)
    if told != (MESSAGE, None):
        digest.update(repr(told).encode())
    return digest.hexdigest()[:16]


__all__ = ["CORPUS", "RESULTS", "Answer", "Remark", "Said", "fingerprint", "load", "place"]
