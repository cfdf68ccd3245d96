"""Folders of git's that a killed run left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.changes.scratch import scratch_folder

KILLED = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from bot.changes.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "config").write_text("password")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    """And no folder of a living run, of somebody just beginning, or that a link leads to."""
    project = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": project},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "db-recheck-git-link").symlink_to(elsewhere)
    new, old = (tmp_path / f"db-recheck-git-{name}" for name in ("new", "old"))
    for folder in (new, old):
        folder.mkdir()
    os.utime(old, (0, 0))
    with scratch_folder(tmp_path) as living:
        assert not left.exists()
        assert not old.exists()
        with scratch_folder(tmp_path):
            assert living.exists()
        assert new.exists()
        assert elsewhere.exists()
    assert not living.exists()


def test_folders_that_go_while_they_are_looked_at(tmp_path: Path) -> None:
    """Runs beside each other end at any moment, between a look at the names and one at a folder."""

    def work(_number: int) -> None:
        for _ in range(60):
            with scratch_folder(tmp_path):
                pass

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == [None] * 6
    assert list(tmp_path.iterdir()) == []
