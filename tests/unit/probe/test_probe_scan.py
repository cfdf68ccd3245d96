"""What the tree's source tells without running it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.observe.probe import scan


def write(root: Path, files: dict[str, str]) -> str:
    """A tree with these files; its root as text."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


def test_settings_read(tmp_path: Path) -> None:
    """Environment variables in every spelling, and fields of settings classes with their prefix."""
    source = """\
import os
a = os.environ["ONE"]
b = os.environ.get('TWO', "x")
c = os.getenv( "THREE" )
d = env.str("FOUR")
e = config("FIVE", default=1)
other("SIX")
"""
    settings = """\
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="app_")
    db_host: str
    port: int = 1
"""
    root = write(tmp_path, {"a.py": source, "pkg/settings.py": settings, ".venv/b.py": "env('X')"})
    found = scan.settings_read(root)
    assert found == ["ONE", "TWO", "THREE", "FOUR", "FIVE", "APP_DB_HOST", "APP_PORT"]


@pytest.mark.parametrize(
    ("line", "names"),
    [(2, ["URL_ONE"]), (4, ["URL_ONE"]), (5, ["HOST_ONE"]), (6, []), (8, ["MODE_ONE"]), (9, [])],
)
def test_settings_on_line(tmp_path: Path, line: int, names: list[str]) -> None:
    """Read by the statement itself, or into a name that it uses; of an ``if`` only its test."""
    source = """\
import os
URL = os.environ.get("URL_ONE")
HOST: str = os.getenv("HOST_ONE")
engine = create_engine(URL)
connect(settings.HOST)
nothing(3)

if os.environ["MODE_ONE"] == "x":
    pass
"""
    write(tmp_path, {"env.py": source})
    assert scan.settings_on_line(str(tmp_path / "env.py"), line) == names


@pytest.mark.parametrize(
    "source",
    [
        b"x = " + b"(" * 5_000,
        b"x = " + b"-" * 50_000 + b"1",
        b"os.environ" + b".a" * 20_000 + b"('X')",
        b"\x00",
        b"\xff",
    ],
    ids=["parentheses", "signs", "dots", "null", "not UTF-8"],
)
def test_source_that_python_gives_up_on(tmp_path: Path, source: bytes) -> None:
    """A file that cannot be parsed reads no settings."""
    path = tmp_path / "env.py"
    path.write_bytes(source)
    assert scan.settings_on_line(str(path), 1) == []


TOKENS = st.sampled_from(
    ["os.environ", "[", "]", "(", ")", "'A_B'", "x", ".", "=", ":", "\n", "  ", "if", "for", "f'{"]
)


@settings(max_examples=50)
@given(st.lists(TOKENS, max_size=12).map("".join), st.integers(-1, 5))
def test_any_source(tmp_path_factory: pytest.TempPathFactory, source: str, line: int) -> None:
    """Whatever stands in a file, names that are found are names of variables."""
    path = tmp_path_factory.getbasetemp() / "any.py"
    path.write_text(source)
    assert set(scan.settings_on_line(str(path), line)) <= {"A_B"}


def test_missing_file() -> None:
    """A file that is gone reads no settings."""
    assert scan.settings_on_line("/nowhere/env.py", 1) == []


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("app", ""),
        ("app.models", ""),
        ("shop", "backend/src"),
        ("shop.orders", "backend/src"),
        ("namespace.inner", "lib"),
        ("absent", None),
        ("app.absent", None),
    ],
)
def test_folder_of_module(tmp_path: Path, name: str, folder: str | None) -> None:
    """The folder nearest the root from which the whole dotted name can be imported."""
    files = {
        "app/__init__.py": "",
        "app/models.py": "",
        "deeper/app/__init__.py": "",
        "backend/src/shop/orders.py": "",
        "lib/namespace/inner/x.py": "",
        "node_modules/absent.py": "",
    }
    root = write(tmp_path, files)
    expected = None if folder is None else str(tmp_path / folder)
    assert scan.folder_of_module(root, name) == expected


@pytest.mark.parametrize(
    ("source", "word"),
    [("e == 'postgres'", "postgres"), ("e == 'postgresql'", "postgresql"), ("", "postgresql")],
)
def test_word_for_postgres(tmp_path: Path, source: str, word: str) -> None:
    """The project's own word for the engine is the one that its code compares with."""
    assert scan.word_for_postgres(write(tmp_path, {"a.py": source})) == word
