"""Which type checker a project configures; how mypy's and pyright's words are read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bot.observe.probe import pyright
from bot.observe.probe.lines import Tree
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


# What pyright 1.1.414 wrote of such a file, shortened to the fields that are read.
SAID = """{
    "version": "1.1.414",
    "generalDiagnostics": [
        {
            "file": "%(root)s/shop/models.py",
            "severity": "error",
            "message": "Type \\"int\\" is not assignable to return type \\"str\\"",
            "range": {"start": {"line": 3, "character": 11}, "end": {"line": 3, "character": 16}},
            "rule": "reportReturnType"
        },
        {
            "file": "%(root)s/shop/models.py",
            "severity": "warning",
            "message": "Import \\"x\\" could not be resolved from source",
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
        },
        {
            "file": "%(root)s/shop/other.py",
            "severity": "error",
            "message": "Expected expression",
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
        }
    ],
    "summary": {"filesAnalyzed": 2, "errorCount": 2, "warningCount": 1}
}
"""


def environment(folder: Path, name: str, said: str, status: int) -> str:
    """The Python of an environment with a program that says that, and notes how it was called."""
    (folder / "bin").mkdir()
    (folder / "said").write_text(said)
    program = folder / "bin" / name
    program.write_text(
        f'#!/bin/sh\npwd >{folder}/called\nfor word; do echo "$word" >>{folder}/called; done\n'
        f"cat {folder}/said\necho broken down >&2\nexit {status}\n"
    )
    program.chmod(0o755)
    return str(folder / "bin" / "python")


@pytest.mark.parametrize("name", ["pyright", "basedpyright"])
def test_pyrights_errors_are_those_of_the_files_that_are_asked_for(
    tmp_path: Path, name: str
) -> None:
    """Lines from 1; warnings are none. It runs in its configuration's folder, for that Python."""
    root = tmp_path / "tree"
    (root / "shop").mkdir(parents=True)
    python = environment(tmp_path, name, SAID % {"root": root}, 1)
    told = pyright.errors(Tree(str(root)), "shop", ["shop/models.py"], python)
    message = 'Type "int" is not assignable to return type "str"'
    where = {"path": "shop/models.py", "line": 4}
    assert told == {
        "problem": None,
        "errors": [{**where, "message": message, "code": "reportReturnType"}],
    }
    assert (tmp_path / "called").read_text().split() == [
        f"{root}/shop",
        *("--outputjson", "--pythonpath", python, f"{root}/shop/models.py"),
    ]


@pytest.mark.parametrize(
    ("said", "status"),
    [("", 3), ("No configuration file found.", 0), ("{}", 1), ("[]", 1), (SAID, 2)],
)
def test_a_pyright_that_does_not_end_well_is_told(tmp_path: Path, said: str, status: int) -> None:
    """Nothing is made of half an answer."""
    python = environment(tmp_path, "pyright", said, status)
    told = pyright.errors(Tree(str(tmp_path)), "", ["a.py"], python)
    assert told == {"problem": "pyright cannot check it: broken down", "errors": []}


def test_a_pyright_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It has to stand beside the project's own Python: another one may be anybody's."""
    told = pyright.errors(Tree(str(tmp_path)), "", ["a.py"], str(tmp_path / "python"))
    assert told == {"problem": "pyright is not installed with the project", "errors": []}


@pytest.mark.skipif(
    not Path(sys.executable).with_name("pyright").exists(), reason="no pyright beside this Python"
)
def test_a_real_pyright_is_understood(tmp_path: Path) -> None:
    """Its configuration holds for the files, although they are named."""
    (tmp_path / "pyrightconfig.json").write_text('{"strict": ["."], "include": ["nowhere"]}')
    (tmp_path / "a.py").write_text("def f(x):\n    return x\n\n\ndef g() -> int:\n    return ''\n")
    told = pyright.errors(Tree(str(tmp_path)), "", ["a.py"])
    assert told["problem"] is None
    assert {"reportMissingParameterType", "reportReturnType"} <= {
        item["code"] for item in told["errors"]
    }
    assert {item["line"] for item in told["errors"]} == {1, 2, 6}
