"""Hunks and added lines of real diffs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.changes import Repository, Request, read_changes
from bot.changes.diff import read_diff, start_diff, unquote
from bot.facts import Change, ChangedFile, Hunk

if TYPE_CHECKING:
    from tests.unit.changes.conftest import GitFolder

Opener = Callable[[], Repository]


def numbered(*numbers: int) -> str:
    """One line for each number."""
    return "".join(f"line {number}\n" for number in numbers)


def changed(repository: Repository) -> dict[str, ChangedFile]:
    """The working tree's changed files by path."""
    return {file.path: file for file in read_changes(repository, Request()).files}


def test_hunks_hold_three_lines_of_context_and_added_lines_are_heads(
    checkout: GitFolder, repository: Opener
) -> None:
    """Both count from 1 in head's file."""
    checkout.commit({"a.py": numbered(*range(1, 41))})
    lines = numbered(*range(1, 41)).splitlines(keepends=True)
    lines[9] = "rewritten\n"
    del lines[29]
    checkout.write({"a.py": "".join(lines)})

    assert changed(repository())["a.py"] == ChangedFile(
        "a.py", Change.MODIFIED, None, (Hunk(7, 13), Hunk(27, 32)), (10,)
    )


def test_every_kind_of_change_is_told(checkout: GitFolder, repository: Opener) -> None:
    """Added, deleted, renamed with or without an edit, made executable, emptied, made a link."""
    checkout.commit(
        {
            "deleted.py": "1\n",
            "renamed.py": numbered(*range(20)),
            "edited.py": numbered(*range(30, 50)),
            "mode.py": "mode\n",
            "emptied.py": "a\nb\n",
            "link.py": "not yet\n",
        }
    )
    for name in ("deleted.py", "renamed.py", "edited.py", "link.py"):
        (checkout.path / name).unlink()
    checkout.write(
        {
            "added.py": "1\n2\n3",
            "empty.py": "",
            "to/renamed.py": numbered(*range(20)),
            "to/edited.py": numbered(*range(30, 50)) + "more\n",
            "emptied.py": "",
        }
    )
    (checkout.path / "mode.py").chmod(0o755)
    (checkout.path / "link.py").symlink_to("mode.py")

    assert changed(repository()) == {
        "added.py": ChangedFile("added.py", Change.ADDED, None, (Hunk(1, 3),), (1, 2, 3)),
        "deleted.py": ChangedFile("deleted.py", Change.DELETED),
        "emptied.py": ChangedFile("emptied.py", Change.MODIFIED),
        "empty.py": ChangedFile("empty.py", Change.ADDED),
        "link.py": ChangedFile("link.py", Change.MODIFIED, None, (Hunk(1, 1),), (1,)),
        "mode.py": ChangedFile("mode.py", Change.MODIFIED),
        "to/edited.py": ChangedFile(
            "to/edited.py", Change.RENAMED, "edited.py", (Hunk(18, 21),), (21,)
        ),
        "to/renamed.py": ChangedFile("to/renamed.py", Change.RENAMED, "renamed.py"),
    }


def test_one_file_that_is_no_text_does_not_lose_the_others(
    checkout: GitFolder, repository: Opener
) -> None:
    """Binary files and those that are not UTF-8 have no hunks; their neighbours keep theirs."""
    checkout.commit({"text.py": "1\n", "was_latin.py": "# gr\xfcn\n1\n".encode("latin-1")})
    checkout.write(
        {
            "text.py": "2\n",
            "binary.bin": b"\0\1\2",
            "latin.py": "# gr\xfcn\n".encode("latin-1"),
            "was_latin.py": "# gr\xfcn\n1\n",
            "returns.py": "a\rb\r\nc\x0cd\x85e\u2028f\n",
            "large.txt": "x" * (1 << 20) + "\n" * 3,
            "looks_like_a_diff.py": "@@ -0,0 +1,9 @@\n--- a\n+++ b\ndiff --git x y\n\\ No\n",
        }
    )

    files = changed(repository())

    assert files["binary.bin"].binary
    assert files["large.txt"].binary
    assert files["latin.py"] == ChangedFile("latin.py", Change.ADDED)
    assert files["text.py"].added == (1,)
    assert files["was_latin.py"].added == (1,)
    assert files["returns.py"].added == (1, 2)
    assert files["looks_like_a_diff.py"].hunks == (Hunk(1, 5),)


def test_very_long_lines_are_lines(checkout: GitFolder, repository: Opener) -> None:
    """A line of 200 kB counts as one."""
    checkout.commit({"a.json": "x" * 200_000 + "\n"})
    checkout.write({"a.json": "x" * 200_001 + "\nend\n"})

    assert changed(repository())["a.json"].added == (1, 2)


def test_a_submodule_is_a_changed_path_without_lines(
    checkout: GitFolder, repository: Opener
) -> None:
    """What changes in it is another repository's business."""
    start = checkout.commit({"a.py": "1\n"})
    checkout.git("branch", "base")
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{start},sub")
    checkout.git("commit", "--quiet", "-m", "submodule")

    changes = read_changes(repository(), Request("base", "main"))

    assert changes.files == (ChangedFile("sub", Change.ADDED),)


def test_attributes_of_the_tree_do_not_hide_a_diff(checkout: GitFolder, repository: Opener) -> None:
    """``-diff`` and ``binary`` in .gitattributes are not for the author under review to set."""
    checkout.commit({".gitattributes": "*.py -diff\n*.sql binary\n", "a.py": "1\n", "a.sql": "1\n"})
    checkout.write({"a.py": "2\n", "a.sql": "2\n"})

    files = changed(repository())

    assert files["a.py"].added == files["a.sql"].added == (1,)


def test_three_thousand_files_keep_their_lines(checkout: GitFolder, repository: Opener) -> None:
    """A change of any size is read with one git, each file with its own lines."""
    stream = bytearray(b"commit refs/heads/main\ncommitter a <a> 0 +0000\ndata 0\n")
    for number in range(3000):
        text = numbered(*range(number, number + 12)).encode()
        stream += b"M 644 inline d/%d.py\ndata %d\n%s\n" % (number, len(text), text)
    stream += b"commit refs/heads/topic\ncommitter a <a> 0 +0000\ndata 0\nfrom refs/heads/main\n"
    for number in range(3000):
        text = (numbered(*range(number, number + 12)) + "more\n").encode()
        stream += b"M 644 inline d/%d.py\ndata %d\n%s\n" % (number, len(text), text)
    checkout.git("fast-import", "--quiet", stdin=bytes(stream))

    changes = read_changes(repository(), Request("main", "topic"))

    assert len(changes.files) == 3000
    assert {file.added for file in changes.files} == {(13,)}


def two_trees(checkout: GitFolder, old: dict[bytes, bytes], new: dict[bytes, bytes]) -> list[str]:
    """Two trees of these files, made without touching the disk's names."""
    trees = []
    for files in (old, new):
        stream = bytearray(
            b"commit refs/heads/scratch\ncommitter a <a> 0 +0000\ndata 0\ndeleteall\n"
        )
        for name, content in files.items():
            quoted = b'"' + b"".join(b"\\%03o" % byte for byte in name) + b'"'
            stream += b"M 644 inline %s\ndata %d\n%s\n" % (quoted, len(content), content)
        checkout.git("fast-import", "--quiet", "--force", stdin=bytes(stream))
        trees.append(checkout.git("rev-parse", "scratch^{tree}"))
    return trees


@pytest.fixture
def trees_of(checkout: GitFolder, repository: Opener) -> Callable[..., tuple[ChangedFile, ...]]:
    """The diff of two sets of files, read by one repository."""
    checkout.commit()
    opened = repository()

    def diff(old: dict[bytes, bytes], new: dict[bytes, bytes]) -> tuple[ChangedFile, ...]:
        return read_diff(start_diff(opened, *two_trees(checkout, old, new)))

    return diff


SHARED = settings(
    max_examples=40,
    deadline=None,
    # the fixtures are only read from: one repository serves every example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LINES = st.lists(
    st.sampled_from(["a\n", "b\n", "--- c\n", "+++ d\n", "@@ -1 +1 @@\n", "\r\n", "\n"])
)


@SHARED
@given(old=LINES, new=LINES, end=st.sampled_from(["", "\n"]))
def test_added_lines_rebuild_the_new_file(
    trees_of: Callable[..., tuple[ChangedFile, ...]], old: list[str], new: list[str], end: str
) -> None:
    """What is not added is, in order, what is left of the old file; all of it lies in hunks."""
    new = [*new[:-1], new[-1].rstrip("\n") + end] if new else new
    new = [line for line in new if line]
    before, after = "".join(old).encode(), "".join(new).encode()

    files = trees_of({b"f": before, b"other": b"1\n"}, {b"f": after, b"other": b"2\n"})

    (other,) = [file for file in files if file.path == "other"]
    assert other.added == (1,)
    if before == after:
        assert len(files) == 1
        return
    (file,) = [file for file in files if file.path == "f"]
    kept = [line for number, line in enumerate(new, 1) if number not in file.added]
    remaining = iter(old)
    assert all(line in remaining for line in kept), "a line that is not new was not in the old file"
    allowed = {n for hunk in file.hunks for n in range(hunk.start, hunk.end + 1)}
    assert set(file.added) <= allowed <= set(range(1, len(new) + 1))
    start = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    assert len(kept) >= len(list(start)), "lines that both files start with are not new"


NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: b"\0" not in name and b"/" not in name and name not in {b".", b"..", b".git"}
)


@SHARED
@given(names=st.lists(NAMES, min_size=1, max_size=6, unique=True))
def test_odd_names_come_back_byte_for_byte(
    trees_of: Callable[..., tuple[ChangedFile, ...]], names: list[bytes]
) -> None:
    """Spaces, quotes, tabs, line breaks and bytes that are not UTF-8 keep their lines too."""
    files = trees_of(dict.fromkeys(names, b"1\n"), dict.fromkeys(names, b"1\n2\n"))

    found = {file.path.encode("utf-8", "surrogateescape"): file.added for file in files}
    assert found == dict.fromkeys(names, (2,))


def test_quoting_is_undone() -> None:
    """The escapes of git-config(1), core.quotePath."""
    assert unquote(rb'"a\tb\"\\\303\274\n"') == 'a\tb"\\ü\n'.encode()
    assert unquote(b"plain \\name") == b"plain \\name"
