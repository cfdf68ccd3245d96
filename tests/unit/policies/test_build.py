"""Miniature pull requests as git repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixtures.build import build, build_demo, cases, main


def log(repository: Path) -> str:
    """The commits of both branches, with their ids."""
    command = ["git", "log", "--all", "--format=%H %D %s"]
    return subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=True
    ).stdout


def test_build_gives_the_same_commits_every_time(tmp_path: Path) -> None:
    """Reports name commits: goldens and bug reports need the same ones everywhere."""
    case = next(case for case in cases() if case.id == "multiple_heads/bad")
    first, second = (log(build(case, tmp_path / name)) for name in "ab")
    assert first == second
    assert "HEAD -> feature" in first
    assert "What others merged meanwhile" in first


def test_deleted_file_is_gone_and_the_rest_stays(tmp_path: Path) -> None:
    """A case may remove what the main branch has."""
    case = next(case for case in cases() if case.id == "removed_history/bad")
    versions = build(case, tmp_path) / "migrations" / "versions"
    assert [path.name for path in versions.iterdir()] == ["0001_customers.py"]


def test_demo_has_three_new_revisions(tmp_path: Path) -> None:
    """What `make demo` reviews."""
    versions = build_demo(tmp_path) / "migrations" / "versions"
    assert len(list(versions.glob("*.py"))) == 5


def test_unknown_case_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says how to see which there are."""
    assert main(["nothing/bad", str(tmp_path)]) == 2
    assert "without arguments all are listed" in capsys.readouterr().err
