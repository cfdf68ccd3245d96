"""What read_changes says of real repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.changes import GitError, Repository, Request, read_changes, tree_files
from bot.facts import Change

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

Opener = Callable[[], Repository]


def fork(checkout: GitFolder) -> tuple[str, str, str]:
    """Main gains moved.py while the branch topic, checked out, gains topic.py."""
    start = checkout.commit({"kept.py": "1\n", "gone.py": "1\n"})
    checkout.branch("topic")
    topic = checkout.commit({"topic.py": "1\n"})
    checkout.git("checkout", "--quiet", "main")
    main = checkout.commit({"moved.py": "1\n"})
    checkout.git("checkout", "--quiet", "topic")
    return start, main, topic


def test_a_branch_is_compared_with_where_it_left_base(
    checkout: GitFolder, repository: Opener
) -> None:
    """Files are the branch's own; what base gained meanwhile is told apart; the merge has both."""
    start, main, topic = fork(checkout)

    changes = read_changes(repository(), Request("main", "topic"))

    assert (changes.base, changes.head, changes.merge_base) == (main, topic, start)
    assert changes.base_name == "main"
    assert [(file.path, file.change) for file in changes.files] == [("topic.py", Change.ADDED)]
    assert changes.base_moved == ("moved.py",)
    assert changes.conflicts == ()
    assert changes.merge == changes.merged_tree
    assert changes.merge == checkout.git("merge-tree", "--write-tree", "main", "topic")
    assert changes.base_tree == checkout.git("rev-parse", "main^{tree}")
    assert changes.head_tree == checkout.git("rev-parse", "topic^{tree}")


def test_a_path_that_base_deleted_has_not_moved(checkout: GitFolder, repository: Opener) -> None:
    """``base_moved`` is what base gained or edited."""
    fork(checkout)
    checkout.git("checkout", "--quiet", "main")
    checkout.git("rm", "--quiet", "gone.py")
    checkout.commit({"kept.py": "2\n"})

    assert read_changes(repository(), Request("main", "topic")).base_moved == (
        "kept.py",
        "moved.py",
    )


def test_the_working_tree_counts_with_everything_that_a_commit_would_hold(
    checkout: GitFolder, repository: Opener
) -> None:
    """Edits, deletions, staged and new files count; ignored ones do not."""
    checkout.commit({".gitignore": "*.log\n", "edited.py": "1\n", "gone.py": "a\nb\n"})
    checkout.write({"edited.py": "2\n", "new/deep.py": "1\n", "noise.log": "x", "staged.py": "1\n"})
    checkout.git("add", "staged.py")
    checkout.write({".git/info/exclude": "private.txt\n", "private.txt": "x"})
    (checkout.path / "gone.py").unlink()

    changes = read_changes(repository(), Request())

    assert changes.head == "worktree"
    assert {file.path: file.change.value for file in changes.files} == {
        "edited.py": "modified",
        "gone.py": "deleted",
        "new/deep.py": "added",
        "staged.py": "added",
    }
    assert set(tree_files(repository(), changes.base_tree)) == {
        ".gitignore",
        "edited.py",
        "gone.py",
    }


def test_the_working_tree_is_merged_into_base_too(
    checkout: GitFolder, opened: Callable[[Path], Repository]
) -> None:
    """Uncommitted files are in the merged tree beside what base gained."""
    fork(checkout)
    checkout.write({"uncommitted.py": "1\n"})
    repository = opened(checkout.path)

    changes = read_changes(repository, Request("main"))

    assert set(tree_files(repository, changes.merged_tree)) == {
        *("gone.py", "kept.py", "moved.py", "topic.py", "uncommitted.py")
    }


def test_nothing_changed_is_an_empty_difference(checkout: GitFolder, repository: Opener) -> None:
    """A clean checkout of base itself has no files, and its merge is base."""
    checkout.commit({"a.py": "1\n"})

    changes = read_changes(repository(), Request())

    assert changes.files == ()
    assert changes.head == "worktree"
    assert changes.base_tree == changes.head_tree == changes.merged_tree == changes.merge


def test_a_head_that_is_behind_base_changes_nothing(
    checkout: GitFolder, repository: Opener
) -> None:
    """An ancestor of base merges into base as it is."""
    start = checkout.commit({"a.py": "1\n"})
    checkout.commit({"b.py": "1\n"})

    changes = read_changes(repository(), Request("main", start))

    assert changes.files == ()
    assert changes.merged_tree == changes.base_tree
    assert changes.base_moved == ("b.py",)


def test_nothing_of_the_checkout_is_written(checkout: GitFolder, repository: Opener) -> None:
    """A checkout that is mounted read-only will do: no file appears, goes or changes."""
    fork(checkout)
    checkout.write({"uncommitted.py": "1\n", "kept.py": "2\n"})

    def state() -> dict[str, bytes]:
        files = (path for path in checkout.path.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files}

    before = state()
    read_changes(repository(), Request("main"))

    assert state() == before


def test_conflicting_paths_are_named_and_head_is_checked_alone(
    checkout: GitFolder, repository: Opener
) -> None:
    """A conflict leaves no merge; odd names in the list of conflicts are whole."""
    names = ["plain.py", 'tab\t"quote".py', "line\nbreak.py", "größe.py"]
    checkout.commit(dict.fromkeys(names, "1\n"))
    checkout.branch("topic")
    checkout.commit(dict.fromkeys(names, "2\n"))
    checkout.git("checkout", "--quiet", "main")
    checkout.commit(dict.fromkeys(names, "3\n"))

    changes = read_changes(repository(), Request("main", "topic"))

    assert changes.merge is None
    assert sorted(changes.conflicts) == sorted(names)
    assert changes.merged_tree == changes.head_tree


def test_several_merge_bases_are_no_obstacle(checkout: GitFolder, repository: Opener) -> None:
    """Two branches that merged each other still merge."""
    checkout.commit({"a.py": "1\n"})
    checkout.branch("topic")
    topic = checkout.commit({"topic.py": "1\n"})
    checkout.git("checkout", "--quiet", "main")
    main = checkout.commit({"main.py": "1\n"})
    checkout.git("merge", "--quiet", "--no-edit", topic)
    checkout.git("checkout", "--quiet", "topic")
    checkout.git("merge", "--quiet", "--no-edit", main)
    checkout.commit({"last.py": "1\n"})

    changes = read_changes(repository(), Request("main", "topic"))

    assert changes.merge_base in {main, topic}
    assert changes.merge == checkout.git("rev-parse", "topic^{tree}")


def test_the_default_base_is_origins_default_branch_then_main_then_master(
    checkout: GitFolder, repository: Opener
) -> None:
    """The order of the contract, with the names that a reader knows."""
    checkout.git("branch", "--move", "main", "master")
    checkout.commit({"a.py": "1\n"})

    def base() -> str:
        return read_changes(repository(), Request()).base_name

    assert base() == "master"
    checkout.git("branch", "main")
    assert base() == "main"
    checkout.git("update-ref", "refs/remotes/origin/develop", "HEAD")
    checkout.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop")
    assert base() == "origin/develop"


def test_a_base_that_only_origin_has_is_found(checkout: GitFolder, repository: Opener) -> None:
    """``actions/checkout`` with full history has origin/main and no main."""
    checkout.commit({"a.py": "1\n"})
    checkout.git("branch", "--move", "main", "topic")
    checkout.git("update-ref", "refs/remotes/origin/main", "HEAD")

    assert read_changes(repository(), Request()).base_name == "origin/main"
    assert read_changes(repository(), Request("main")).base_name == "origin/main"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request("nowhere"), "there is no commit 'nowhere' in this checkout"),
        (Request("main", "nowhere"), "fetch-depth: 0"),
        (Request("--output=/tmp/x"), "is not the name of a commit"),
        (Request("a\nb"), "is not the name of a commit"),
        (Request(""), "is not the name of a commit"),
        (Request("main:a.py"), "there is no commit 'main:a.py'"),
        (Request("lonely"), "have no commit in common"),
    ],
)
def test_what_cannot_be_compared_says_what_to_do(
    checkout: GitFolder, repository: Opener, request_: Request, words: str
) -> None:
    """Names that mean nothing, nothing safe, or no commit end in a GitError."""
    checkout.commit({"a.py": "1\n"})
    checkout.git("checkout", "--quiet", "--orphan", "lonely")
    checkout.commit({"b.py": "1\n"})
    checkout.git("checkout", "--quiet", "main")

    with pytest.raises(GitError, match=words):
        read_changes(repository(), request_)


def test_a_checkout_without_a_default_branch_asks_for_one(
    checkout: GitFolder, repository: Opener
) -> None:
    """Neither origin/HEAD nor main nor master: --base must say."""
    checkout.git("branch", "--move", "main", "trunk")
    checkout.commit({"a.py": "1\n"})

    with pytest.raises(GitError, match="--base"):
        read_changes(repository(), Request())


def test_a_repository_without_a_commit_says_so(repository: Opener) -> None:
    """Right after ``git init`` there is nothing to compare."""
    with pytest.raises(GitError, match="no commit yet"):
        read_changes(repository(), Request())


def test_a_subfolder_stands_for_the_whole_checkout(
    checkout: GitFolder, opened: Callable[[Path], Repository]
) -> None:
    """Paths stay relative to the top, and the subfolder is told."""
    checkout.commit({"backend/a.py": "1\n"})
    checkout.write({"backend/b.py": "1\n", "c.py": "1\n"})

    repository = opened(checkout.path / "backend")

    assert (repository.root, repository.subfolder) == (checkout.path, "backend")
    assert [file.path for file in read_changes(repository, Request()).files] == [
        "backend/b.py",
        "c.py",
    ]


def test_a_linked_working_tree_has_its_own_head_and_index(
    checkout: GitFolder, opened: Callable[[Path], Repository], tmp_path: Path
) -> None:
    """``git worktree add`` shares objects and refs, not what is checked out."""
    checkout.commit({"a.py": "1\n"})
    linked = tmp_path / "linked"
    checkout.git("worktree", "add", "--quiet", "-b", "topic", str(linked))
    (linked / "b.py").write_text("1\n")

    changes = read_changes(opened(linked), Request("main"))

    assert [file.path for file in changes.files] == ["b.py"]


@pytest.mark.parametrize("kind", ["nothing", "file", "bare", "missing"])
def test_a_folder_that_is_no_checkout_is_refused(
    tmp_path: Path, opened: Callable[[Path], Repository], checkout: GitFolder, kind: str
) -> None:
    """The message asks for the folder of a checkout."""
    folder = tmp_path / kind
    if kind == "nothing":
        folder.mkdir()
    elif kind == "file":
        folder.write_text("x")
    elif kind == "bare":
        checkout.git("init", "--quiet", "--bare", str(folder))

    with pytest.raises(GitError, match="checkout"):
        opened(folder)
