"""Trees read and written without a working tree."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.changes import GitError, GitTree, Repository, export_tree, read_blobs, tree_files
from bot.changes.links import target_inside

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

Opener = Callable[[], Repository]


@pytest.fixture
def _strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def contents(folder: Path) -> dict[str, bytes]:
    """Regular files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def test_the_bytes_of_the_blobs_are_written(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """No attribute of the tree changes them: no ident, line ends, encoding, filter or ignoring."""
    attributes = (
        "*.txt ident eol=crlf\nutf16.txt working-tree-encoding=UTF-16\n"
        "hidden.py export-ignore\nsubst.py export-subst\n*.bin filter=lfs\n"
    )
    checkout.commit({"a.py": "first\n"})
    files: dict[str, str | bytes] = {
        ".gitattributes": attributes,
        "ident.txt": "$Id$\none\ntwo\n",
        "utf16.txt": "ü\n".encode("utf-16"),
        "hidden.py": "1\n",
        "subst.py": "$Format:%H$\n",
        "pointer.bin": "version https://git-lfs.github.com/spec/v1\n",
        "null.bin": b"\0\1",
    }
    checkout.commit(files)
    expected = {
        name: checkout.git_bytes("cat-file", "blob", f"HEAD:{name}") for name in [*files, "a.py"]
    }

    exported = export_tree(repository(), checkout.git("rev-parse", "HEAD^{tree}"), tmp_path / "out")

    assert contents(tmp_path / "out") == expected
    assert exported.files == len(expected)
    assert (exported.links, exported.submodules, exported.refused) == ((), (), ())
    assert b"$Id$" in expected["ident.txt"]


@pytest.mark.usefixtures("_strict_umask")
def test_another_user_can_read_it(checkout: GitFolder, repository: Opener, tmp_path: Path) -> None:
    """Modes are git's two, whatever the umask."""
    checkout.write({"deep/er/a.py": "1\n", "run.sh": "#!/bin/sh\n"})
    (checkout.path / "run.sh").chmod(0o755)
    checkout.commit()
    out = tmp_path / "new" / "out"

    export_tree(repository(), checkout.git("rev-parse", "HEAD^{tree}"), out)

    modes = {path: stat.S_IMODE((out / path).stat().st_mode) for path in ("", "deep", "deep/er")}
    assert set(modes.values()) == {0o755}
    assert stat.S_IMODE((out / "deep/er/a.py").stat().st_mode) == 0o644
    assert stat.S_IMODE((out / "run.sh").stat().st_mode) == 0o755


def test_links_are_made_only_where_they_stay_inside(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """Those that leave the tree, also by way of another link, are left out and listed."""
    checkout.write({"a/b/c/file.py": "1\n"})
    links = {
        "inside": "a/b",
        "a/up": "../a/b/c/file.py",
        "dangling": "not/there",
        "a/b/c/top": "../../..",
        "absolute": "/etc/passwd",
        "outside": "../secret",
        "a/outside": "b/../../../secret",
        "sly": "a/b/c/top/../secret",
    }
    for name, target in links.items():
        (checkout.path / name).symlink_to(target)
    checkout.commit()
    (tmp_path / "secret").write_text("secret")
    out = tmp_path / "out"

    exported = export_tree(repository(), checkout.git("rev-parse", "HEAD^{tree}"), out)

    assert sorted(exported.links) == ["a/outside", "absolute", "outside", "sly"]
    made = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_symlink()}
    assert made == {"inside", "a/up", "dangling", "a/b/c/top"}
    assert (out / "a/up").read_text() == "1\n"
    assert (out / "inside").readlink() == Path("a/b")


def test_submodules_are_empty_folders(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """Their files are in another repository; the report can say so."""
    start = checkout.commit({"a.py": "1\n"})
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{start},libs/sub")
    tree = checkout.git("write-tree")

    exported = export_tree(repository(), tree, tmp_path / "out")

    assert exported.submodules == ("libs/sub",)
    assert list((tmp_path / "out" / "libs/sub").iterdir()) == []
    assert tree_files(repository(), tree)["libs/sub"].is_submodule


def raw_tree(checkout: GitFolder, *entries: tuple[str, bytes, str]) -> str:
    """A tree object with exactly these entries (mode, name, id), unchecked."""
    data = b"".join(
        mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries
    )
    arguments = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
    return checkout.git(*arguments, stdin=data)


def test_crafted_trees_write_nothing_outside(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """Names that git refuses on checkout are refused here, and so is a file that is a folder."""
    checkout.commit()
    blob = checkout.git("hash-object", "-w", "--stdin", stdin=b"evil")
    link = checkout.git("hash-object", "-w", "--stdin", stdin=b"/tmp")
    inner = raw_tree(checkout, ("100644", b"config", blob))
    tree = raw_tree(
        checkout,
        ("40000", b"..", inner),
        ("40000", b".GIT", inner),
        ("100644", b"../up.py", blob),
        ("100644", b"/absolute.py", blob),
        ("120000", b"both", link),
        ("40000", b"both", inner),
        ("100644", b"file", blob),
        ("40000", b"file", inner),
        ("100644", b"n" * 300, blob),
        ("120000", b"nothing", checkout.git("hash-object", "-w", "--stdin")),
        ("100644", b"ok.py", blob),
    )

    exported = export_tree(repository(), tree, tmp_path / "out")

    assert set(exported.refused) == {
        *("../config", ".GIT/config", "../up.py", "/absolute.py"),
        *("file/config", "n" * 300, "nothing"),
    }
    assert contents(tmp_path / "out") == {"ok.py": b"evil", "file": b"evil", "both/config": b"evil"}
    assert exported.links == ("both",)
    assert not (tmp_path / "config").exists()
    assert not (tmp_path / "up.py").exists()


def test_bottomless_paths_are_refused(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """Whoever deletes the folder later may call itself once for each part of a path."""
    deep, deeper = "d/" * 199 + "f", "e/" * 1200 + "f"
    stream = (
        "commit refs/heads/main\ncommitter a <a> 0 +0000\ndata 0\n"
        f"M 644 inline {deep}\ndata 0\n\nM 644 inline {deeper}\ndata 0\n\n"
    )
    checkout.git("fast-import", "--quiet", stdin=stream.encode())

    exported = export_tree(repository(), checkout.git("rev-parse", "main^{tree}"), tmp_path / "out")

    assert (exported.files, exported.refused) == (1, (deeper,))


def test_names_keep_their_bytes(checkout: GitFolder, repository: Opener, tmp_path: Path) -> None:
    """Case, quotes, line breaks and bytes that are not UTF-8 come out as they are."""
    names = [b"a.py", b"A.py", b'q"uote', b"line\nbreak", b"caf\xe9.py", "größe.py".encode()]
    for name in names:
        Path(os.fsdecode(os.fsencode(checkout.path) + b"/" + name)).write_bytes(name)
    checkout.commit()
    tree = checkout.git("rev-parse", "HEAD^{tree}")

    export_tree(repository(), tree, tmp_path / "out")

    assert sorted(os.fsencode(path.name) for path in (tmp_path / "out").iterdir()) == sorted(names)
    view = GitTree(repository(), tree)
    for path in view.paths:
        assert view.read(path) == path.encode("utf-8", "surrogateescape")


def test_a_folder_with_something_in_it_is_refused(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """An export never mixes with what was there."""
    checkout.commit({"a.py": "1\n"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.py").write_text("old")

    with pytest.raises(GitError, match="not empty"):
        export_tree(repository(), checkout.git("rev-parse", "HEAD^{tree}"), tmp_path / "out")


def test_missing_objects_are_an_error_and_not_an_absent_file(
    checkout: GitFolder, repository: Opener
) -> None:
    """A broken clone says so."""
    checkout.commit({"a.py": "1\n"})

    with pytest.raises(GitError, match="partial or broken"):
        read_blobs(repository(), ["1" * 40])
    with pytest.raises(GitError, match="ls-tree"):
        tree_files(repository(), "1" * 40)
    assert read_blobs(repository(), []) == {}


def test_a_large_file_that_the_clone_lacks_is_left_out(
    checkout: GitFolder, repository: Opener, tmp_path: Path
) -> None:
    """And listed; a missing source file is an error, because its absence would change what runs."""
    checkout.commit({"a.py": "1\n", "data.bin": "large"})
    tree = checkout.git("rev-parse", "HEAD^{tree}")
    objects = checkout.path / ".git" / "objects"

    def lose(path: str) -> None:
        oid = checkout.git("rev-parse", f"HEAD:{path}")
        (objects / oid[:2] / oid[2:]).unlink()

    lose("data.bin")
    assert export_tree(repository(), tree, tmp_path / "out").missing == ("data.bin",)
    assert contents(tmp_path / "out") == {"a.py": b"1\n"}
    lose("a.py")
    with pytest.raises(GitError, match=r"contents of a\.py are missing"):
        export_tree(repository(), tree, tmp_path / "again")


def test_a_tree_is_read_file_by_file(checkout: GitFolder, repository: Opener) -> None:
    """As bot.projects does: links inside the tree are followed, everything else is not there."""
    checkout.write({"a/alembic.ini": "[alembic]\n", "b.py": "1\n", "empty.py": ""})
    for name, target in {"c.ini": "a/alembic.ini", "loop": "loop", "out": "/etc/passwd"}.items():
        (checkout.path / name).symlink_to(target)
    checkout.commit()

    view = GitTree(repository(), checkout.git("rev-parse", "HEAD^{tree}"))
    view.prefetch(["b.py", "missing.py"])

    assert list(view.paths) == ["a/alembic.ini", "b.py", "c.ini", "empty.py", "loop", "out"]
    assert view.read("b.py") == b"1\n"
    assert view.read("empty.py") == b""
    assert view.read("c.ini") == b"[alembic]\n"
    assert [view.read(path) for path in ("loop", "out", "missing.py", "a")] == [None] * 4
    entry = view.entry("a/alembic.ini")
    assert entry is not None
    assert (entry.size, entry.is_executable) == (10, False)


PART = st.sampled_from(["a", "b", "..", ".", "", "link"])
PATHS = st.lists(st.sampled_from(["a", "b", "link"]), min_size=1, max_size=4).map("/".join)


@given(path=PATHS, parts=st.lists(PART, max_size=7))
def test_an_accepted_target_stays_inside_the_tree(path: str, parts: list[str]) -> None:
    """Told by the operating system's rules for paths, without links on the way."""
    target = "/".join(parts)

    inside = target_inside(path, target)

    if inside is None:
        assert target.startswith("/") or ".." in parts
    else:
        folder = os.path.dirname(f"/tree/{path}")  # noqa: PTH120 - normpath below has no Path
        resolved = os.path.normpath(f"{folder}/{target}")
        assert resolved == os.path.normpath(f"/tree/{inside}")
        assert f"{resolved}/".startswith("/tree/")
