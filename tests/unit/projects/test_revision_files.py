"""Which files Alembic loads is answered as Alembic answers it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from alembic.script.base import Script, _only_source_rev_file
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.projects import Environment, overlooked_files, revision_files

Make = Callable[[dict[str, str | bytes]], Any]
REVISION = "revision = 'a1'\ndown_revision = None\n"


def environment(
    *, recursive: bool = False, locations: tuple[str, ...] = ("m/versions",)
) -> Environment:
    """An environment with those locations."""
    return Environment("alembic.ini", "ini", "alembic", "", "m", locations, recursive)


_NAMES = st.sampled_from(
    ["a.py", ".#a.py", "__init__.py", "__init__x.py", "a.pyc", "a.py.orig", ".a.py", "a b.py", "py"]
)
_FOLDERS = st.sampled_from(["", "sub/", "sub/deep/", "__pycache__/", "x__pycache__/"])


@settings(max_examples=40)
@given(st.sets(st.tuples(_FOLDERS, _NAMES).map("".join)), st.booleans())
def test_the_listing_is_alembics(tree: Make, names: set[str], recursive: bool) -> None:  # noqa: FBT001 # drawn
    """The same files in a real folder, listed by Alembic itself, recursively or not."""
    with tempfile.TemporaryDirectory() as room:
        versions = Path(room, "m", "versions")
        versions.mkdir(parents=True)
        for name in names:
            (versions / name).parent.mkdir(parents=True, exist_ok=True)
            (versions / name).touch()
        scripts = ScriptDirectory(f"{room}/m", recursive_version_locations=recursive)
        theirs = sorted(
            path.relative_to(room).as_posix()
            for path in Script._list_py_dir(scripts, versions)  # its own listing is the oracle
            if _only_source_rev_file.match(path.name)
        )
    view = tree({f"m/versions/{name}": "" for name in names})
    assert list(revision_files(view, environment(recursive=recursive))) == theirs


def test_a_revision_in_a_subfolder_is_overlooked_by_alembic(tree: Make) -> None:
    """And one beside the versions folder, but no helper and nothing another environment loads."""
    view = tree(
        {
            "m/versions/a.py": REVISION,
            "m/versions/old/b.py": REVISION,
            "m/c.py": REVISION,
            "m/versions/helper.py": "X = 1\n",
            "m/versions/old/helper.py": "X = 1\n",
            "m/other/d.py": REVISION,
            "elsewhere/e.py": REVISION,
        }
    )
    other = environment(locations=("m/other",))
    found = overlooked_files(view, environment(), view.paths, (other,))
    assert found == ("m/c.py", "m/versions/old/b.py")
    assert overlooked_files(view, environment(recursive=True), view.paths, (other,)) == ("m/c.py",)
