"""What every file of the probe must be, because it runs in an interpreter that is not ours."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROBE = Path(__file__).parents[3] / "bot" / "observe" / "probe"
THEIRS = {"alembic", "sqlalchemy", "flask", "mypy", "redis", "tomli"}


def imported(parsed: ast.Module) -> Iterator[str]:
    """Names of the modules that a source imports absolutely."""
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


@pytest.mark.parametrize("path", sorted(PROBE.glob("*.py")), ids=lambda path: path.name)
def test_source(path: Path) -> None:
    """It parses as Python 3.9 and imports the standard library and the target's own libraries."""
    parsed = ast.parse(path.read_bytes(), feature_version=(3, 9))
    names = {name.partition(".")[0] for name in imported(parsed)}
    assert names <= set(sys.stdlib_module_names) | THEIRS | {"__future__"}
