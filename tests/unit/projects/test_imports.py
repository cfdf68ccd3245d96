"""Imports are followed through a tree without importing anything."""

from __future__ import annotations

import ast
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.projects import Environment
from bot.projects.imports import LIMIT_FILES, ImportGraph
from bot.projects.locations import Folders
from bot.projects.syntax import imports

Make = Callable[[dict[str, str | bytes]], Any]
PACKAGE: dict[str, str | bytes] = {
    "app/__init__.py": "",
    "app/models/__init__.py": "",
    "app/models/user.py": "",
}


def reached(view: Any, *wanted: str, mentioned: tuple[str, ...] = (), **fields: Any) -> set[str]:
    """What the environment with env.py in m/ reaches of the wanted files."""
    environment = Environment(
        "alembic.ini", fields.pop("kind", "ini"), "alembic", "", "m", ("m/versions",), **fields
    )
    return set(ImportGraph(view, Folders(view), environment).reach(wanted, mentioned).files)


@pytest.mark.parametrize(
    "env",
    [
        "import app.models.user",
        "import os, app.models.user as u",
        "from app.models import user",
        "from app.models import (\n    other,  # (\n    user as u,\n)",
        "from app.models import other, \\\n    user",
        "from app import models",
        "from app.models import *",
        "if True: from app.models import user",
        "x = 1; import app.models.user",
        "try:\r\n    from app.models.user import U\r\nexcept ImportError: pass",
        "importlib.import_module('app.models.user')",
        "import_string('app.models.user:User')",
        "for m in pkgutil.walk_packages(['app/models'], 'app.models'): x",
    ],
)
def test_every_way_of_importing_is_followed(tree: Make, env: str) -> None:
    """A module is reached, and so are the packages around it."""
    files: dict[str, str | bytes] = {
        **PACKAGE,
        "app/models/__init__.py": "from . import user",
        "m/env.py": env,
    }
    view = tree(files)
    assert reached(view, "app/models/user.py", sys_path=("",)) == {"app/models/user.py"}
    assert reached(view, "app/__init__.py", sys_path=("",)) == {"app/__init__.py"}


def test_relative_imports_and_chains_are_followed(tree: Make) -> None:
    """From a package's __init__ to its modules, and up again; also cycles end."""
    view = tree(
        {
            "src/app/__init__.py": "from .db import base",
            "src/app/db/__init__.py": "",
            "src/app/db/base.py": "from ..models import user\nfrom . import base",
            "src/app/models/user.py": "import app",
            "m/env.py": "import app",
        }
    )
    assert reached(view, "src/app/models/user.py", sys_path=("", "src")) == {
        "src/app/models/user.py"
    }


def test_a_computed_import_reaches_everything_beside_it(tree: Make) -> None:
    """Which module it is cannot be told."""
    view = tree(
        {
            "app/__init__.py": "",
            "app/load.py": "for name in names: import_module(name)",
            "app/plugins/x.py": "",
            "other.py": "",
            "m/env.py": "import app.load",
        }
    )
    assert reached(view, "app/plugins/x.py", "other.py", sys_path=("",)) == {"app/plugins/x.py"}


def test_revisions_and_their_imports_count(tree: Make) -> None:
    """A helper that a revision uses changes what that revision does."""
    view = tree(
        {"m/env.py": "", "m/versions/a.py": "from lib.enums import Mood", "lib/enums.py": ""}
    )
    assert reached(view, "lib/enums.py", sys_path=("",)) == {"lib/enums.py"}


def test_a_data_file_is_reached_where_its_name_is_spoken(tree: Make) -> None:
    """Rows or settings that a module reads."""
    view = tree(
        {"m/env.py": "import app", "app.py": "open('rows.csv')", "x/rows.csv": "", "b.csv": ""}
    )
    assert reached(view, mentioned=("x/rows.csv", "b.csv"), sys_path=("",)) == {"x/rows.csv"}


def test_a_flask_application_is_looked_for_where_it_is_made(tree: Make) -> None:
    """env.py only asks for the current application; without any candidate nothing is certain."""
    files: dict[str, str | bytes] = {"m/env.py": "from flask import current_app", "shop/x.py": ""}
    environment = Environment("m/alembic.ini", "flask", "alembic", "", "m", ("m/versions",))
    view = tree(files)
    assert not ImportGraph(view, Folders(view), environment).reach({"shop/x.py"}).certain
    view = tree({**files, "wsgi.py": "from shop import x"})
    reach = ImportGraph(view, Folders(view), environment).reach({"shop/x.py"})
    assert reach.certain
    assert reach.files == {"shop/x.py"}


def test_following_ends_at_the_limit_and_says_so(tree: Make) -> None:
    """A tree of ten thousand modules does not hold up a skip."""
    chain: dict[str, str | bytes] = {
        f"n{at}.py": f"import n{at + 1}" for at in range(LIMIT_FILES + 10)
    }
    view = tree({"m/env.py": "import n0", "far.py": "", **chain})
    environment = Environment("i", "ini", "alembic", "", "m", (), sys_path=("",))
    reach = ImportGraph(view, Folders(view), environment).reach({"far.py"})
    assert not reach.certain
    assert len(view.reads) <= LIMIT_FILES


LIBRARY = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:120]


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_no_import_of_the_standard_library_is_missed(path: Path) -> None:
    """Whatever the syntax tree shows, the faster search finds, too."""
    source = path.read_bytes()
    found = {
        (item.level, item.module, name)
        for item in imports(source.decode("utf-8", "replace"))
        for name in (*item.names, None)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            wanted: set[tuple[int, str, str | None]] = {
                (0, alias.name, None) for alias in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            wanted = {(node.level, node.module or "", alias.name) for alias in node.names}
        else:
            continue
        assert wanted <= found, ast.unparse(node)


@given(
    st.lists(
        st.sampled_from(
            ["import ", "from ", ".", "a", " ", "(", ")", ",", "\n", "#", ";", "*", "\\"]
        )
    )
)
def test_no_text_makes_the_search_raise(words: list[str]) -> None:
    """Junk imports junk."""
    for item in imports("".join(words)):
        assert item.level >= 0


@pytest.mark.parametrize(
    "part", ["from ", " ", "\t", ": from x", "from x import (", "import a,", "."]
)
def test_long_lines_take_no_longer_than_their_length(part: str) -> None:
    """A stranger's line of 100,000 characters is searched at once."""
    start = time.perf_counter()
    imports("from" + part * (100_000 // len(part)))
    assert time.perf_counter() - start < 2
