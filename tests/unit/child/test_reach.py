"""Which folders an interpreter needs, read from disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.observe.reach import (
    closed_folder,
    interpreter_folders,
    is_open,
)

STRANGER = 61000


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A Python as pyenv lays it out."""
    prefix = tmp_path / "pyenv" / "3.11.7"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python3.11").touch(0o755)
    (prefix / "bin" / "python3").symlink_to("python3.11")
    (prefix / "lib" / "python3.11").mkdir(parents=True)
    (prefix / "lib" / "python3.11" / "os.py").touch()
    return prefix


def venv(at: Path, home: Path) -> Path:
    """A virtual environment made with the Python in that folder."""
    (at / "bin").mkdir(parents=True)
    (at / "bin" / "python").symlink_to(home / "python3")
    (at / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.11.7\n")
    return at / "bin" / "python"


def test_a_venv_needs_itself_and_the_installation_behind_it(
    installation: Path, tmp_path: Path
) -> None:
    """Through every symbolic link on the way."""
    (tmp_path / "current").symlink_to(installation)
    python = venv(tmp_path / "venv", tmp_path / "current" / "bin")
    assert set(interpreter_folders(python)) == {
        tmp_path / "venv",
        tmp_path / "current",
        installation,
    }


def test_a_strangers_pyvenv_cfg_opens_no_other_folder(tmp_path: Path, installation: Path) -> None:
    """Only what looks like a Python is shown to the child."""
    secrets = tmp_path / "home" / ".aws"
    secrets.mkdir(parents=True)
    python = venv(tmp_path / "venv", installation / "bin")
    (tmp_path / "venv" / "pyvenv.cfg").write_text(f"home = {secrets}/bin\n")
    assert secrets not in interpreter_folders(python)


def test_links_that_turn_in_circles_end(tmp_path: Path) -> None:
    """A broken environment is no endless loop."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("python3")
    (tmp_path / "bin" / "python3").symlink_to("python")
    assert interpreter_folders(tmp_path / "bin" / "python") == ()


def test_the_outermost_closed_folder_is_found(tmp_path: Path) -> None:
    """Opening an inner one would not help."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name.startswith(("test_", "popen-", "pytest-")):
            folder.chmod(0o755)
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    (tmp_path / "a").chmod(0o700)
    (tmp_path / "a" / "b").chmod(0o700)
    assert closed_folder(inner, STRANGER, STRANGER) == tmp_path / "a"
    assert closed_folder(inner, os.geteuid(), os.getegid()) is None
    assert not is_open(tmp_path / "missing", STRANGER, STRANGER)
