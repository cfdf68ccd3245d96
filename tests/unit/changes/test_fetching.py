"""Commits that a shallow checkout lacks are fetched, with credentials that nobody sees."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.changes import GitError, Repository, Request, export_tree, read_changes
from bot.changes.git import network_environ

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

NewFolder = Callable[[str], "GitFolder"]
Opened = Callable[[Path], Repository]


@pytest.fixture
def origin(new_git_folder: NewFolder) -> GitFolder:
    """Main moves on for 60 commits after the branch topic left it."""
    folder = new_git_folder("origin")
    folder.commit({"start.py": "1\n"})
    folder.branch("topic")
    folder.commit({"topic.py": "1\n"})
    folder.git("checkout", "--quiet", "main")
    stream = "".join(
        f"commit refs/heads/main\ncommitter a <a> {number} +0000\ndata 0\n"
        + ("from refs/heads/main^0\n" if number == 0 else "")
        + f"M 644 inline main{number % 3}.py\ndata 2\n{number % 10}\n\n"
        for number in range(60)
    )
    folder.git("fast-import", "--quiet", stdin=stream.encode())
    folder.git("reset", "--quiet", "--hard")
    folder.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return folder


@pytest.fixture
def shallow(origin: GitFolder, new_git_folder: NewFolder) -> GitFolder:
    """What actions/checkout makes by default: one commit, detached, no branch."""
    folder = new_git_folder("shallow")
    folder.git("remote", "add", "origin", f"file://{origin.path}")
    folder.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", "topic")
    folder.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    return folder


@pytest.mark.parametrize("base", ["main", "origin/main", None, "sha"])
def test_base_is_fetched_and_history_deepened_until_they_meet(
    origin: GitFolder, shallow: GitFolder, opened: Opened, base: str | None, tmp_path: Path
) -> None:
    """A checkout of depth 1 gives the same answer as a whole one, and stays as it is."""
    tip = origin.git("rev-parse", "main")
    name = tip if base == "sha" else base
    refs = shallow.git("for-each-ref")
    repository = opened(shallow.path)

    changes = read_changes(repository, Request(name))

    assert changes.base == tip
    assert changes.base_name == (name or "origin/HEAD")
    assert changes.merge_base == origin.git("merge-base", "main", "topic")
    assert [file.path for file in changes.files] == ["topic.py"]
    assert changes.merge == origin.git("merge-tree", "--write-tree", "main", "topic")
    assert export_tree(repository, changes.merged_tree, tmp_path / "out").files == 5
    assert shallow.git("rev-list", "--count", "HEAD") == "1"
    assert shallow.git("for-each-ref") == refs


def test_head_is_fetched_too(origin: GitFolder, shallow: GitFolder, opened: Opened) -> None:
    """A comment-triggered run has the default branch checked out, not the pull request."""
    head = origin.git("rev-parse", "topic")
    shallow.git("fetch", "--quiet", "--depth=1", "origin", "main")
    shallow.git("checkout", "--quiet", "--detach", "FETCH_HEAD")

    changes = read_changes(opened(shallow.path), Request("main", head))

    assert changes.head == head


def test_an_unpushed_head_still_meets_base(shallow: GitFolder, opened: Opened) -> None:
    """Origin does not know the commit, but knows the history it stands on."""
    shallow.commit({"local.py": "1\n"})

    changes = read_changes(opened(shallow.path), Request("main", "HEAD"))

    assert [file.path for file in changes.files] == ["local.py", "topic.py"]


def test_a_shallow_checkout_without_its_origin_says_which_depth_to_set(
    origin: GitFolder, shallow: GitFolder, opened: Opened
) -> None:
    """Base is there, the common commit is not, and nobody answers."""
    shallow.git("fetch", "--quiet", "--depth=1", "origin", "main:main")
    origin.path.rename(origin.path.with_name("moved-away"))

    with pytest.raises(GitError, match=r"too shallow.*fetch-depth: 0"):
        read_changes(opened(shallow.path), Request("main"))
    with pytest.raises(GitError, match=r"no commit 'gone'.*fetch-depth: 0"):
        read_changes(opened(shallow.path), Request("gone"))


def test_a_partial_clone_gets_what_it_lacks(
    origin: GitFolder, tmp_path: Path, opened: Opened
) -> None:
    """``filter: blob:none`` leaves out the files of commits that are not checked out."""
    origin.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{origin.path}"
    origin.git("clone", "--quiet", "--filter=blob:none", "-b", "topic", url, "../partial")
    repository = opened(tmp_path / "partial")

    changes = read_changes(repository, Request("main"))
    exported = export_tree(repository, changes.base_tree, tmp_path / "out")

    assert exported.files == 4
    assert [file.added for file in changes.files] == [(1,)]


def test_a_remote_may_be_a_path_relative_to_the_checkout(
    origin: GitFolder, shallow: GitFolder, opened: Opened
) -> None:
    """As git itself understands it."""
    shallow.git("remote", "set-url", "origin", f"../{origin.path.name}")

    assert read_changes(opened(shallow.path), Request("main")).base_name == "main"


def test_the_token_goes_to_its_server_and_into_no_argument(
    shallow: GitFolder, scratch: Path
) -> None:
    """A fetch gets a header for GitHub alone; other commands get nothing of it."""
    environ = {
        "PATH": os.environ["PATH"],
        "GITHUB_TOKEN": "s3cret",
        "GITHUB_SERVER_URL": "https://github.example.com",
        "AWS_SECRET_ACCESS_KEY": "other",
    }
    chosen = network_environ(environ)

    encoded = base64.b64encode(b"x-access-token:s3cret").decode()
    assert chosen["GIT_CONFIG_KEY_0"] == "http.https://github.example.com/.extraheader"
    assert chosen["GIT_CONFIG_VALUE_0"] == f"AUTHORIZATION: basic {encoded}"
    assert "AWS_SECRET_ACCESS_KEY" not in chosen
    repository = Repository(shallow.path, environ, scratch)
    read_changes(repository, Request("main"))
    for path in repository.directory.rglob("*"):
        if path.is_file() and "objects" not in path.parts:
            assert b"s3cret" not in path.read_bytes()
            assert encoded.encode() not in path.read_bytes()


def test_a_url_with_a_password_is_not_readable_by_others(
    shallow: GitFolder, opened: Opened
) -> None:
    """It is copied into the private directory, which only its owner may enter."""
    shallow.git("remote", "set-url", "origin", "https://user:pass@127.0.0.1:9/x")

    directory = opened(shallow.path).directory

    assert directory.stat().st_mode & 0o077 == 0
