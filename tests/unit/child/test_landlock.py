"""What a process may open once it has set the rules on itself, on this kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.observe import landlock
from bot.observe.reach import interpreter_folders

pytestmark = pytest.mark.skipif(
    not landlock.available(), reason="this kernel has no landlock: the layer was not tested"
)


@pytest.fixture
def folder() -> Path:
    """This folder of the checkout: outside of what every program may read."""
    return Path(__file__).resolve().parent


def run(script: str, *argument: Path, readable: tuple[Path, ...] = ()) -> str:
    """What a shell script says of a path, confined to the system and the paths."""
    python = interpreter_folders(Path(sys.executable))
    words = ["sh", "-c", script, "sh", *map(str, argument)]
    command = landlock.confined(words, (*python, *readable), (), sys.executable)
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip() or done.stderr.strip()


def test_what_is_not_named_cannot_be_read(folder: Path) -> None:
    """Neither listed nor opened, whoever owns it."""
    if Path("/tmp") in folder.parents:  # noqa: S108 - every program may read there
        pytest.skip("the checkout lies in /tmp, which every program may read")
    assert "Permission denied" in run('cat "$1"', Path(__file__).resolve())
    assert "Permission denied" in run('ls "$1"', folder)


def test_what_is_named_can_be_read_and_not_written(folder: Path) -> None:
    """A readable folder is readable with all that is in it."""
    assert run('cat "$1"', Path(__file__).resolve(), readable=(folder,)).startswith('"""What a')
    if Path("/tmp") not in folder.parents:  # noqa: S108 - every program may write there
        assert "Permission denied" in run('touch "$1/new"', folder, readable=(folder,))


def test_a_path_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    """Machines differ: a rule for what does not exist allows nothing."""
    assert run("echo fine", readable=(tmp_path / "absent",)) == "fine"
