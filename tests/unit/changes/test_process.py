"""Git's process: bounded in time and output, and gone afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.changes import GitError, Repository
from bot.changes.process import Call


def fake_git(tmp_path: Path, script: str) -> dict[str, str]:
    """An environment in which ``git`` is this shell script."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_a_git_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """The time limit holds for its children too, which would keep the pipe open."""
    environ = fake_git(tmp_path, "sleep 600 & sleep 600")
    started = time.monotonic()

    call = Call(["fetch"], environ, tmp_path, tmp_path, stdin=b"", timeout=0.2)
    with pytest.raises(GitError, match=r"no answer within 0.2 s"):
        call.finish()

    assert time.monotonic() - started < 30


def test_more_output_than_asked_for_is_cut(
    repository: Callable[[], Repository],
) -> None:
    """The rest is not read, and git does not stay."""
    answer = repository().run("help", "--all", limit=100)

    assert (len(answer.stdout), answer.cut) == (100, True)


def test_a_failure_is_told_in_gits_own_words(repository: Callable[[], Repository]) -> None:
    """With the command, and without a traceback."""
    with pytest.raises(GitError, match=r"`git cat-file commit` failed: .*nothing"):
        repository().run("cat-file", "commit", "nothing")


def test_without_git_the_message_says_to_install_it(tmp_path: Path) -> None:
    """And which version."""
    with pytest.raises(GitError, match=r"install git 2.38"):
        Call(["version"], {"PATH": str(tmp_path)}, tmp_path, tmp_path, stdin=b"", timeout=5)
