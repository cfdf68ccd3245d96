"""What a stranger's migration can reach inside Docker's default capabilities and seccomp."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.build import build_demo
from tests.container.runner import Job, hand_over

SPY = Path(__file__).parents[2] / "fixtures/container/5b1e5b1e_spy.py"
CHECK = ("check", "--install", "never", "--base", "main", "--format", "json")


@pytest.fixture
def spied(image: str, tmp_path: Path) -> Iterator[Job]:  # noqa: ARG001 - the image decides whether there is an engine
    """A job on a checkout whose uncommitted revision tries what it should not."""
    workspace = build_demo(tmp_path / "shop")
    subprocess.run(["git", "checkout", "--quiet", "main"], cwd=workspace, check=True)
    shutil.copyfile(SPY, workspace / "migrations/versions" / SPY.name)
    folder = tmp_path / "runner"
    folder.mkdir()
    job = Job(folder, workspace)
    job.begin()
    (folder / "temp" / "secret").write_text("git-credentials of checkout v6")
    hand_over(folder)
    yield job
    job.end()


def test_migration_reaches_nothing_of_the_runner(image: str, spied: Job) -> None:
    """Another user without rights, whose view holds neither checkout, event nor credentials."""
    ended = spied.run(image, *CHECK, environ={"INPUT_TOKEN": "ghs_secret"})
    assert ended.stdout, ended.stderr
    report = json.loads(ended.stdout)
    assert report["sandbox"] == "full"
    (failed,) = [item for item in report["findings"] if item["policy"] == "failing-upgrade"]
    assert "reached: []" in failed["message"]
    assert ended.status == 1
    assert all(spied.file(name).read_text() == "" for name in ("set_env", "set_output", "add_path"))
    assert "ghs_secret" not in ended.stdout + ended.stderr
