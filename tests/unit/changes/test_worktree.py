"""States of a working tree that are easy to get wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.changes import GitError, Repository, Request, read_changes, tree_files

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

Opener = Callable[[], Repository]


def changed(repository: Repository) -> dict[str, str]:
    """Changed paths of the working tree and how."""
    return {file.path: file.change.value for file in read_changes(repository, Request()).files}


def test_an_edit_in_the_same_instant_and_of_the_same_size_is_seen(
    checkout: GitFolder, repository: Opener
) -> None:
    """Git's "racy" case: times and sizes say nothing, only the index's own time does."""
    checkout.git("config", "core.trustctime", "false")  # which nobody can set back
    checkout.git("config", "core.checkstat", "minimal")
    long_ago = (10**18, 10**18)
    file = checkout.path / "a.py"
    checkout.write({"a.py": "1\n"})
    os.utime(file, ns=long_ago)
    checkout.commit()
    file.write_text("2\n")
    for path in (file, checkout.path / ".git" / "index"):
        os.utime(path, ns=long_ago)

    assert changed(repository()) == {"a.py": "modified"}


def test_a_folder_that_became_a_link_and_a_file_that_became_a_folder(
    checkout: GitFolder, repository: Opener
) -> None:
    """Tracked files behind a link are gone, even where the link leads to files of that name."""
    checkout.commit({"folder/a.py": "1\n", "other/a.py": "2\n", "file": "1\n"})
    (checkout.path / "folder/a.py").unlink()
    (checkout.path / "folder").rmdir()
    (checkout.path / "folder").symlink_to("other")
    (checkout.path / "file").unlink()
    checkout.write({"file/inner.py": "other\n"})

    opened = repository()
    head = read_changes(opened, Request()).head_tree

    assert set(tree_files(opened, head)) == {"file/inner.py", "folder", "other/a.py"}


def test_repositories_inside_are_not_part_of_it(
    checkout: GitFolder, new_git_folder: Callable[[str], GitFolder], repository: Opener
) -> None:
    """Neither one without a commit, which git refuses to add, nor one with."""
    checkout.commit({"a.py": "1\n"})
    new_git_folder("checkout/empty").write({"inner.py": "1\n"})
    new_git_folder("checkout/full").commit({"inner.py": "1\n"})

    assert changed(repository()) == {}


def test_the_commit_checked_out_in_a_submodule_counts(
    checkout: GitFolder, new_git_folder: Callable[[str], GitFolder], repository: Opener
) -> None:
    """As ``git add`` would record it."""
    inner = new_git_folder("checkout/sub")
    inner.commit({"inner.py": "1\n"})
    checkout.commit({"a.py": "1\n"})
    inner.commit({"inner.py": "2\n"})

    assert changed(repository()) == {"sub": "modified"}


def test_a_conflict_that_is_being_resolved_counts_as_it_lies_there(
    checkout: GitFolder, repository: Opener
) -> None:
    """The file's present text is taken, conflict markers and all."""
    checkout.commit({"a.py": "1\n"})
    checkout.branch("topic")
    checkout.commit({"a.py": "2\n"})
    checkout.git("checkout", "--quiet", "main")
    checkout.commit({"a.py": "3\n"})
    with pytest.raises(AssertionError):
        checkout.git("merge", "topic")

    assert changed(repository()) == {"a.py": "modified"}


def test_a_sparse_checkout_deletes_nothing(checkout: GitFolder, repository: Opener) -> None:
    """Files that were never written to the disk are unchanged."""
    checkout.commit({"in/a.py": "1\n", "out/b.py": "1\n", "out/deep/c.py": "1\n"})
    checkout.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert not (checkout.path / "out").exists()
    checkout.write({"in/a.py": "2\n"})

    assert changed(repository()) == {"in/a.py": "modified"}


def test_a_split_index_is_read(checkout: GitFolder, repository: Opener) -> None:
    """Part of such an index lies in a second file."""
    checkout.commit({"a.py": "1\n", "b.py": "1\n"})
    checkout.git("update-index", "--split-index")
    checkout.write({"a.py": "2\n"})

    assert changed(repository()) == {"a.py": "modified"}


def test_intended_and_staged_then_deleted_files(checkout: GitFolder, repository: Opener) -> None:
    """``git add --intent-to-add`` counts as added; a staged file that is gone does not count."""
    checkout.commit({"a.py": "1\n"})
    checkout.write({"intended.py": "1\n", "staged.py": "1\n"})
    checkout.git("add", "--intent-to-add", "intended.py")
    checkout.git("add", "staged.py")
    (checkout.path / "staged.py").unlink()

    assert changed(repository()) == {"intended.py": "added"}


def test_line_ends_are_those_that_a_commit_would_have(
    checkout: GitFolder, repository: Opener
) -> None:
    """The tree's ``text`` attribute is git's own and runs nothing."""
    checkout.commit({".gitattributes": "* text=auto\n", "a.py": "1\n2\n"})
    checkout.write({"a.py": "1\r\n2\r\n3\r\n"})

    (file,) = read_changes(repository(), Request()).files

    assert file.added == (3,)


def test_what_the_user_never_wants_to_see_is_left_out(
    checkout: GitFolder, tmp_path: Path, scratch: Path
) -> None:
    """The user's own ignore file counts, by its default name and by their configuration."""
    checkout.commit({"a.py": "1\n"})
    checkout.write({"x.swp": "x", "y.bak": "y"})
    home = tmp_path / "home"
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/ignore").write_text("*.swp\n")

    def paths() -> set[str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
        return set(changed(Repository(checkout.path, environ, scratch)))

    assert paths() == {"y.bak"}
    (home / "mine").write_text("*.bak\n")
    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/mine\n")
    assert paths() == {"x.swp"}


def test_names_with_odd_bytes_are_added(checkout: GitFolder, repository: Opener) -> None:
    """Names that are not UTF-8 come back as the same bytes."""
    checkout.commit({"a.py": "1\n"})
    name = b'caf\xe9 "q"\n.py'
    Path(os.fsdecode(os.fsencode(checkout.path) + b"/" + name)).write_text("1\n")

    assert list(changed(repository())) == [name.decode("utf-8", "surrogateescape")]


def test_a_broken_index_is_an_error(checkout: GitFolder, repository: Opener) -> None:
    """Not an empty working tree."""
    checkout.commit({"a.py": "1\n"})
    (checkout.path / ".git" / "index").write_bytes(b"garbage")

    with pytest.raises(GitError, match="index"):
        changed(repository())
