"""Which line of which file of the tree is running."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.probe import lines
from bot.observe.probe.lines import Batch, Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty tree."""
    return Tree(str(tmp_path))


def run(tree: Tree, path: str, source: str, /, **names: Any) -> dict[str, Any]:
    """Execute a source as if it were that file of the tree; its names."""
    exec(compile(source, tree.absolute(path), "exec"), names)  # noqa: S102 - the test's own source
    return names


@pytest.mark.parametrize(
    ("filename", "path"),
    [
        ("{root}/app/models.py", "app/models.py"),
        ("{root}/app/../env.py", "env.py"),
        ("{root}x/env.py", None),
        ("{root}/lib/site-packages/x.py", None),
        ("{root}/.venv/x.py", None),
        ("<string>", None),
        ("", None),
        (None, None),
        ("with\0null", None),
        ("/etc/passwd", None),
    ],
)
def test_relative(tree: Tree, filename: str | None, path: str | None) -> None:
    """Files of the tree have a path; installed packages, generated code and others have none."""
    name = None if filename is None else filename.replace("{root}", tree.root)
    assert tree.relative(name) == path


def test_link_out_of_the_tree(tree: Tree, tmp_path: Path) -> None:
    """A symbolic link that leads away is no file of the tree."""
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    assert tree.relative(str(tmp_path / "link.py")) is None


@given(st.text())
def test_any_name(name: str) -> None:
    """A name that a stranger's code was compiled under never leads out of the tree."""
    found = Tree("/tree").relative(f"/tree/{name}")
    assert found is None or os.path.normpath("/tree/" + found).startswith("/tree/")


HELPER = """\
def add(calling):

    return calling()
"""


def test_calling(tree: Tree) -> None:
    """The revision's own frame is what the reader knows, even below a helper of the tree."""
    add = run(tree, "helper.py", HELPER)["add"]
    revision = "\n\ndef upgrade():\n    return add(lambda: calling(tree, 'versions/a.py'))\n"
    names = {"add": add, "calling": lines.calling, "tree": tree}
    upgrade = run(tree, "versions/a.py", revision, **names)["upgrade"]
    assert upgrade() == ("versions/a.py", 4)


def test_calling_from_elsewhere(tree: Tree) -> None:
    """Without a frame of the revision the nearest file of the tree is told, else line 0."""
    add = run(tree, "helper.py", HELPER)["add"]
    assert add(lambda: lines.calling(tree, "versions/a.py")) == ("helper.py", 3)
    assert lines.calling(tree, "versions/a.py") == ("versions/a.py", 0)


def test_sending(tree: Tree) -> None:
    """A statement that env.py sends has its line; one that nobody in the tree sends has none."""
    add = run(tree, "env.py", HELPER)["add"]
    assert add(lambda: lines.sending(tree)) == ("env.py", 3)
    assert lines.sending(tree) is None


def test_raised(tree: Tree) -> None:
    """Frames of the tree, the innermost last, without those of anybody else."""
    inner = run(tree, "inner.py", "def inner():\n    return int('x')\n")["inner"]
    outer = run(tree, "outer.py", "def outer():\n\n    inner()\n", inner=inner)["outer"]
    with pytest.raises(ValueError, match="invalid literal") as caught:
        outer()
    assert lines.raised(caught.value, tree) == [("outer.py", 3), ("inner.py", 2)]
    assert lines.passed(caught.value, "outer", "outer.py")
    assert not lines.passed(caught.value, "outer", "inner.py")


def test_batch(tree: Tree) -> None:
    """An operation of a batch is told with the line where it was written, also when it fails."""
    batch = Batch(tree)
    batch.revision_path = "versions/a.py"
    recorded = lines._Recorded(batch)
    source = "recorded.append('one')\n\nrecorded.append('two')\n"
    run(tree, "versions/a.py", source, recorded=recorded)
    seen = [(item, batch.current) for item in recorded]
    assert seen == [("one", ("versions/a.py", 1)), ("two", ("versions/a.py", 3))]
    assert batch.current is None
    walk = iter(recorded)
    assert [next(walk), next(walk)] == ["one", "two"]  # and the second one fails
    assert batch.current == ("versions/a.py", 3)
