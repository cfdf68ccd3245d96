"""The target's own pyright on some of its files, by its own configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Iterator, Sequence

from .type_checker import MAX_TEXT, MOST, error

if TYPE_CHECKING:
    from .lines import Tree

NAMES = ("pyright", "basedpyright")  # the second reads the first's configuration
_SAID = (0, 1)  # exit statuses of a run to its end: without errors, with some
_HEAP = "--max-old-space-size=1536"  # MB: Node.js takes more than a session may hold


def errors(
    tree: Tree, folder: str, paths: Sequence[str], python: str = sys.executable
) -> dict[str, Any]:
    """The answer's ``types``: ``errors`` in those files, or the ``problem`` that there were none.

    ``folder`` is the one that holds the configuration, ``paths`` are relative to the tree. The
    program lies beside ``python``, and what the files import is looked for where that finds it.
    """
    place = tree.absolute(folder)
    names = [tree.absolute(path) for path in paths]
    here = os.path.dirname(python)
    found = [
        path for path in (os.path.join(here, name) for name in NAMES) if os.access(path, os.X_OK)
    ]
    if not found:
        return {"problem": "pyright is not installed with the project", "errors": []}
    environ = {"NODE_OPTIONS": _HEAP, **os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        [found[0], "--outputjson", "--pythonpath", python, *names],
        cwd=place,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    told = read(done.stdout) if done.returncode in _SAID else None
    if told is None:
        words = (done.stderr or done.stdout).strip().splitlines() or ["it ended without a word"]
        return {"problem": f"pyright cannot check it: {words[-1]}"[:MAX_TEXT], "errors": []}
    known = set(paths)
    seen = [
        {**item, "path": path}
        for item in told
        if (path := tree.relative(os.path.join(place, str(item["path"])))) in known
    ]
    return {"problem": None, "errors": seen[:MOST]}


def read(output: str) -> list[dict[str, Any]] | None:
    """The errors of ``--outputjson``; None for what is none.

    Its lines count from 0 (pyright's docs, "JSON Output").
    """
    try:
        return list(_read(json.loads(output)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _read(told: Any) -> Iterator[dict[str, Any]]:
    for item in told["generalDiagnostics"]:
        if item["severity"] == "error":
            line = item["range"]["start"]["line"] + 1 if "range" in item else 0
            yield error(item.get("file"), line, item.get("message"), item.get("rule"))
