"""The neighbours: each a package in an environment of its own, run as its documentation says.

What they say about a downgrade is left out, because locks of downgrades are not judged here. Those
that read SQL get what ``alembic upgrade BASE:head --sql`` renders; they name lines of that SQL, so
that a finding of theirs has the revision's file and no line.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accuracy.said import Remark
from fixtures.build import VERSIONS
from fixtures.labelled import Labelled

_SECONDS = 120.0


class Unread(Exception):
    """The system cannot analyse this case; the message says why."""


@dataclass(frozen=True)
class Visit:
    """One case checked out at its feature branch, and the programs of the peer's environment."""

    case: Labelled
    checkout: Path
    programs: Path

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of the peer's programs in the checkout.

        Raises:
            Unread: it did not end.
        """
        try:
            return subprocess.run(
                [str(self.programs / command[0]), *command[1:]],
                cwd=self.checkout,
                env={
                    "PATH": f"{self.programs}{os.pathsep}{os.defpath}",
                    "HOME": str(self.checkout.parent),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "LANG": "C.UTF-8",
                },
                input=stdin,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unread(f"{command[0]}: did not end in {_SECONDS:.0f} s") from None

    @property
    def revisions(self) -> list[str]:
        """The changed revision files."""
        return [
            path
            for path in self.case.files
            if Path(path).parent == Path(VERSIONS) and path.endswith(".py")
        ]

    def file_of(self, revision: str) -> str:
        """The file of a revision id: its name begins with it."""
        return next(path for path in self.revisions if Path(path).name.startswith(revision))


def squawk(visit: Visit) -> Iterator[Remark]:
    """Squawk on the rendered SQL of the whole change."""
    done = visit.run("alembic", "upgrade", f"{visit.case.stands_on}:head", "--sql")
    if done.returncode:
        raise Unread(f"alembic upgrade --sql: {_last_line(done.stderr)}")
    at = _Markers(done.stdout)
    for item in _squawk(visit, done.stdout):
        file = visit.file_of(at.revision(item["line"]))
        yield Remark(item["rule_name"], file, 0, item["line"] + 1)


def alembic_squawk(visit: Visit) -> Iterator[Remark]:
    """alembic-squawk's files, then squawk with the option that its documentation asks for."""
    out = visit.checkout / ".sql"
    done = visit.run(
        "alembic-squawk", "--revisions", f"{visit.case.stands_on}:head", "--out-dir", str(out)
    )
    if done.returncode:
        raise Unread(f"alembic-squawk: {_last_line(done.stderr or done.stdout)}")
    for path in sorted(out.glob("*.sql")):
        for item in _squawk(visit, path.read_text("utf-8"), "--assume-in-transaction"):
            file = f"{VERSIONS}/{path.stem}.py"
            yield Remark(item["rule_name"], file, 0, item["line"] + 1)


def alembic_guard(visit: Visit) -> Iterator[Remark]:
    """alembic-guard on the changed files."""
    done = visit.run("alembic-guard", "--format", "json", *visit.revisions)
    for item in _json(done):
        yield Remark(item["name"], item["path"], item["line"])


def lockcheck(visit: Visit) -> Iterator[Remark]:
    """Lockcheck on the changed files."""
    done = visit.run("lockcheck", *visit.revisions)
    if done.returncode not in (0, 1):
        raise Unread(f"lockcheck: {_last_line(done.stderr)}")
    path = ""
    for line in done.stdout.splitlines():
        if found := re.match(r"\s+(\d+)  (LC\d+)  ", line):
            yield Remark(found[2], path, int(found[1]))
        elif line.endswith(".py"):
            path = line


def zdm(visit: Visit) -> Iterator[Remark]:
    """Zdm on the difference to the main branch."""
    done = visit.run("zdm", "--output-format", "json", "--diff", "main")
    for item in _json(done)["diagnostics"]:
        path = Path(item["path"])
        name = str(path.relative_to(visit.checkout)) if path.is_absolute() else item["path"]
        yield Remark(item["rule_name"], name, item["line"])


def alembic_migration_linter(visit: Visit) -> Iterator[Remark]:
    """alembic-lint on the revisions after base."""
    words = ("-c", "alembic.ini", "--no-cache", "-s", visit.case.stands_on)
    done = visit.run("alembic-lint", *words)
    if "*** Summary ***" not in done.stdout:
        raise Unread(f"alembic-lint: {_last_line(done.stderr or done.stdout)}")
    path = ""
    for line in done.stdout.splitlines():
        if found := re.match(r"\((\w+)\)\.\.\. ", line):
            path = visit.file_of(found[1])
        elif found := re.match(r"\t([A-Z_]+)$", line):
            yield Remark(found[1], path, 0)


RUN: dict[str, Callable[[Visit], Iterator[Remark]]] = {
    "squawk": squawk,
    "alembic-squawk": alembic_squawk,
    "alembic-guard": alembic_guard,
    "lockcheck": lockcheck,
    "zdm": zdm,
    "alembic-migration-linter": alembic_migration_linter,
}


def visited(name: str, visit: Visit) -> tuple[Remark, ...]:
    """What that peer says about one case, each remark once, downgrades left out.

    Raises:
        Unread: it cannot analyse the case.
    """
    if not visit.revisions:
        return ()  # it reads revisions
    found = dict.fromkeys(RUN[name](visit))
    return tuple(item for item in found if not _in_downgrade(visit, item))


def _in_downgrade(visit: Visit, item: Remark) -> bool:
    source = visit.case.files.get(item.path)
    if source is None or not item.line or not item.path.endswith(".py"):
        return False
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == "downgrade"
        and node.lineno <= item.line <= (node.end_lineno or 0)
        for node in ast.parse(source).body
    )


class _Markers:
    """Which revision a line of the rendered SQL belongs to."""

    def __init__(self, sql: str) -> None:
        self._starts = [
            (number, found[1])
            for number, line in enumerate(sql.splitlines(), 1)
            if (found := re.match(r"-- Running upgrade \S* ?-> (\w+)", line))
        ]

    def revision(self, line: int) -> str:
        """The revision; squawk counts lines from 0, and a statement stands below its marker."""
        before = [name for start, name in self._starts if start <= line + 1]
        return before[-1] if before else self._starts[0][1]


def _squawk(visit: Visit, sql: str, *options: str) -> list[dict[str, Any]]:
    done = visit.run("squawk", "--reporter", "json", *options, stdin=sql)
    found = _json(done)
    return [item for item in found if item["rule_name"] != "syntax-error"]


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    try:
        return json.loads(done.stdout or "[]")
    except ValueError:
        raise Unread(f"{Path(done.args[0]).name}: {_last_line(done.stderr)}") from None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it said nothing"
