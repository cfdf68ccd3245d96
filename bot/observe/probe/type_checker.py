"""The target's own mypy on some of its files, by its own configuration."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Iterator, Sequence

if TYPE_CHECKING:
    from .lines import Tree

MOST = 1_000  # errors
MAX_TEXT = 2_000
ALWAYS = (
    "--no-incremental",
    "--cache-dir=" + os.devnull,
    "--no-error-summary",
    "--hide-error-context",
    "--show-error-codes",
    "--no-pretty",
    "--no-color-output",
)


def errors(tree: Tree, folder: str, paths: Sequence[str]) -> dict[str, Any]:
    """The answer's ``types``: ``errors`` in those files, or the ``problem`` that there were none.

    ``folder`` is the one that holds the configuration, ``paths`` are relative to the tree.
    """
    try:
        from mypy import api  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return {"problem": "mypy is not installed with the project", "errors": []}
    here, before = os.getcwd(), list(sys.path)
    place = tree.absolute(folder)
    names = [os.path.relpath(tree.absolute(path), place) for path in paths]
    try:
        os.chdir(place)
        # mypy takes what lies on sys.path for installed packages; the tree is found from its folder
        sys.path[:] = [entry for entry in before if entry and not _inside(tree, entry)]
        out, err, status = api.run([*ALWAYS, "--output=json", *names])
        if status not in (0, 1) and "--output" in err:  # before mypy 1.11
            out, err, status = api.run([*ALWAYS, *names])
    finally:
        os.chdir(here)
        sys.path[:] = before
    if status not in (0, 1):
        told = (err or out).strip().splitlines() or ["it ended without a word"]
        return {"problem": f"mypy cannot check it: {told[-1]}"[:MAX_TEXT], "errors": []}
    known = set(paths)
    found = [
        {**item, "path": path}
        for item in _read(out)
        if (path := tree.relative(os.path.join(place, str(item["path"])))) in known
    ]
    return {"problem": None, "errors": found[:MOST]}


def _inside(tree: Tree, entry: str) -> bool:
    real = os.path.realpath(entry)
    inside = real == tree.root or real.startswith(tree.root + os.sep)
    return inside and "site-packages" not in real


def _read(output: str) -> Iterator[dict[str, Any]]:
    """Errors of mypy's JSON lines, and of the lines that it wrote before it had those."""
    for line in output.splitlines():
        if line.startswith("{"):
            told = json.loads(line)
            if told.get("severity") == "error":
                yield error(told.get("file"), told.get("line"), told.get("message"), told["code"])
            continue
        place, mark, text = line.partition(": error: ")
        path, _, number = place.rpartition(":")
        if mark and number.isdigit():
            message, _, code = text.rstrip("]").rpartition("  [")
            yield error(path, int(number), message or text, code if message else None)


def error(path: Any, line: Any, message: Any, code: Any) -> dict[str, Any]:
    """One error as the answer has it."""
    return {
        "path": str(path),
        "line": line if isinstance(line, int) else 0,
        "message": str(message)[:MAX_TEXT],
        "code": str(code or "")[:100],
    }
