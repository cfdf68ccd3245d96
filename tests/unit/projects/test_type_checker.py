"""Which type checker a project configures; how mypy's words are read."""

from __future__ import annotations

import json

import pytest

from bot.observe.probe.type_checker import _read
from bot.projects.type_checker import type_checkers


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, []),
        ({"backend/mypy.ini": ""}, [("mypy", "backend")]),
        ({".mypy.ini": ""}, [("mypy", "")]),
        ({"setup.cfg": "[mypy]\nstrict = True\n"}, [("mypy", "")]),
        ({"setup.cfg": "[flake8]\n"}, []),
        ({"setup.cfg": "no configuration"}, []),
        ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, [("mypy", "")]),
        ({"pyproject.toml": "[tool.pyright]\n"}, [("pyright", "")]),
        ({"pyproject.toml": "[tool"}, []),
        (
            {"backend/pyrightconfig.json": "{}", "mypy.ini": ""},
            [("pyright", "backend"), ("mypy", "")],
        ),
    ],
)
def test_nearest_configuration_comes_first(
    files: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """From the folder that Alembic runs in up to the repository's root."""
    texts = {path: text.encode() for path, text in files.items()}
    assert list(type_checkers(texts.get, "backend")) == expected


def test_errors_are_read_as_json_and_as_text() -> None:
    """Notes are no errors; a message may hold brackets and colons; other lines say nothing."""
    told = {"file": "a.py", "line": 3, "message": "bad", "code": "misc", "severity": "error"}
    output = "\n".join(
        [
            json.dumps(told),
            json.dumps({**told, "severity": "note"}),
            'a.py:7: error: List item 0 has "x": [1]  [list-item]',
            "a.py:8: note: see above",
            "a.py:9: error: no code",
            "Found 3 errors",
        ]
    )
    assert [(item["line"], item["message"], item["code"]) for item in _read(output)] == [
        (3, "bad", "misc"),
        (7, 'List item 0 has "x": [1]', "list-item"),
        (9, "no code", ""),
    ]
