"""Nothing that a checkout's own configuration names is ever run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.changes import GitError, Repository, Request, export_tree, read_changes

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

HOOKS = (
    *("post-index-change", "pre-commit", "post-checkout", "reference-transaction"),
    *("pre-auto-gc", "post-merge", "fsmonitor-watchman", "post-rewrite"),
)


SETTINGS = """\
[core]
\tfsmonitor = PROGRAM
\tsshCommand = PROGRAM
\taskPass = PROGRAM
\tpager = PROGRAM
\teditor = PROGRAM
\tgitProxy = PROGRAM
\talternateRefsCommand = PROGRAM
[credential]
\thelper = !PROGRAM
[diff]
\texternal = PROGRAM
[diff "evil"]
\tcommand = PROGRAM
\ttextconv = PROGRAM
[filter "evil"]
\tclean = PROGRAM
\tsmudge = PROGRAM
\tprocess = PROGRAM
[merge "evil"]
\tdriver = PROGRAM
[gc]
\trecentObjectsHook = PROGRAM
\tauto = 1
[uploadpack]
\tpackObjectsHook = PROGRAM
[remote "origin"]
\tuploadpack = PROGRAM
\tpromisor = true
\tpartialCloneFilter = blob:none
[extensions]
\tpartialClone = origin
[protocol]
\tallow = always
[protocol "ext"]
\tallow = always
"""


@dataclass(frozen=True)
class Canary:
    """A program that leaves a file behind when it is run."""

    program: Path
    song: Path

    @property
    def sang(self) -> bool:
        """Whether it was run since the last time this was asked."""
        found = self.song.exists()
        self.song.unlink(missing_ok=True)
        return found


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    """The program, in place."""
    program, song = tmp_path / "canary", tmp_path / "song"
    program.write_text(f"#!/bin/sh\necho ran >> {song}\ncat 2>/dev/null\nexit 1\n")
    program.chmod(0o755)
    return Canary(program, song)


def poison(folder: GitFolder, canary: Canary) -> None:
    """Every setting and hook known to run a program, set to the canary."""
    program = str(canary.program)
    hooks = folder.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in HOOKS:
        (hooks / hook).write_text(f"#!/bin/sh\n{program}\n")
        (hooks / hook).chmod(0o755)
    with (folder.path / ".git" / "config").open("a") as config:
        config.write(SETTINGS.replace("PROGRAM", program))


@pytest.fixture
def hostile(
    checkout: GitFolder, new_git_folder: Callable[[str], GitFolder], canary: Canary
) -> GitFolder:
    """A branch off a moved base, with uncommitted files and a submodule, all of it poisoned."""
    inner = new_git_folder("inner")
    inner.commit({"inner.py": "1\n"})
    checkout.commit(
        {".gitattributes": "*.py filter=evil diff=evil merge=evil\n", "a.py": "1\n2\n3\n"}
    )
    checkout.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub"
    )
    checkout.commit()
    checkout.branch("topic")
    checkout.commit({"a.py": "1\n2\n3\n\n\n\n4\n"})
    checkout.git("checkout", "--quiet", "main")
    checkout.commit({"a.py": "0\n1\n2\n3\n"})
    checkout.git("checkout", "--quiet", "topic")
    checkout.write({"a.py": "1\n2\n3\n\n\n\n5\n", "new.py": "1\n", "sub/inner.py": "2\n"})
    poison(checkout, canary)
    with (checkout.path / ".git/modules/sub/config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {canary.program}\n")
    return checkout


@pytest.mark.parametrize("command", [("status",), ("diff",), ("add", "new.py")])
def test_the_canary_sings_for_git_itself(
    hostile: GitFolder, canary: Canary, command: tuple[str, ...]
) -> None:
    """The trap works: git as a person would call it runs the program."""
    subprocess.run(["git", *command], cwd=hostile.path, capture_output=True, check=False)

    assert canary.sang


@pytest.mark.parametrize("head", [None, "topic"])
def test_reading_a_change_runs_nothing(
    hostile: GitFolder,
    canary: Canary,
    opened: Callable[[Path], Repository],
    tmp_path: Path,
    head: str | None,
) -> None:
    """Working tree, merge, diff and export work in a poisoned checkout, in silence."""
    repository = opened(hostile.path)

    changes = read_changes(repository, Request("main", head))
    export_tree(repository, changes.merged_tree, tmp_path / "out")

    assert not canary.sang
    assert changes.conflicts == ()
    assert "a.py" in {file.path for file in changes.files}
    assert (tmp_path / "out" / "a.py").read_text().startswith("0\n1\n2\n3\n")


@pytest.mark.parametrize(
    "url", ["ext::{program}", "ssh://host/repository", "git://127.0.0.1:9/x", "-u{program}", "."]
)
def test_fetching_runs_nothing(
    hostile: GitFolder, canary: Canary, opened: Callable[[Path], Repository], url: str
) -> None:
    """A missing commit is asked of origin, which is a URL and nothing else."""
    with (hostile.path / ".git" / "config").open("a") as config:
        config.write(f'[remote "origin"]\n\turl = {url.format(program=canary.program)}\n')
    # the user's own ssh is the user's to choose
    environ = {"PATH": os.environ["PATH"], "GIT_SSH_COMMAND": "false"}
    repository = Repository(hostile.path, environ, opened(hostile.path).scratch)

    with pytest.raises(GitError, match="could not be fetched"):
        read_changes(repository, Request("1" * 40))
    assert not canary.sang


def test_a_missing_object_is_not_fetched_by_the_checkouts_means(
    hostile: GitFolder, canary: Canary, opened: Callable[[Path], Repository], tmp_path: Path
) -> None:
    """A partial clone makes git fetch by itself, with whatever program the configuration names."""
    oid = hostile.git("rev-parse", "HEAD:a.py")
    (hostile.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    repository = opened(hostile.path)

    with pytest.raises(GitError):
        export_tree(repository, hostile.git("rev-parse", "HEAD^{tree}"), tmp_path / "out")
    assert not canary.sang


def test_a_working_tree_elsewhere_is_not_read(
    checkout: GitFolder, opened: Callable[[Path], Repository], tmp_path: Path
) -> None:
    """``core.worktree`` could name the user's home."""
    checkout.commit({"a.py": "1\n"})
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret").write_text("secret")
    checkout.git("config", "core.worktree", str(tmp_path / "home"))

    changes = read_changes(opened(checkout.path), Request())

    assert changes.files == ()
