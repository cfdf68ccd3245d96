"""Real git repositories, made by the tests that need them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.changes import Repository

_AUTHOR = {
    "GIT_AUTHOR_NAME": "author",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


@dataclass(frozen=True)
class GitFolder:
    """A checkout that a test writes, commits and branches in."""

    path: Path

    def git_bytes(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Standard output of git, run here with no configuration but the repository's."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={"PATH": os.environ["PATH"], **_AUTHOR},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Likewise, as text without the end of the line."""
        return self.git_bytes(*arguments, stdin=stdin).decode().strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, folders included."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes] | None = None) -> str:
        """Write files and commit everything; the commit's id."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "work")
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Start a branch and check it out."""
        self.git("checkout", "--quiet", "-b", name, start)


@pytest.fixture
def new_git_folder(tmp_path: Path) -> Callable[[str], GitFolder]:
    """Makes an empty repository with the branch main checked out."""

    def make(name: str) -> GitFolder:
        path = tmp_path / name
        path.mkdir()
        folder = GitFolder(path)
        folder.git("init", "--quiet", "--initial-branch=main")
        return folder

    return make


@pytest.fixture
def checkout(new_git_folder: Callable[[str], GitFolder]) -> GitFolder:
    """An empty repository."""
    return new_git_folder("checkout")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the bot keeps what it makes."""
    return tmp_path / "scratch"


@pytest.fixture
def opened(scratch: Path) -> Callable[[Path], Repository]:
    """Opens the checkout at a path as the bot does, with PATH as its whole environment."""
    return lambda path: Repository(path, {"PATH": os.environ["PATH"]}, scratch)


@pytest.fixture
def repository(
    checkout: GitFolder, opened: Callable[[Path], Repository]
) -> Callable[[], Repository]:
    """Opens the test's own checkout, in the state that it has by then."""
    return lambda: opened(checkout.path)
