"""Every revision file is loaded on its own, and the graph is told as far as it can be."""

from __future__ import annotations

from typing import Any

import pytest

ENV = """\
from alembic import context
from sqlalchemy import create_engine
with create_engine({}).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
GOOD = "revision = {!r}\ndown_revision = {!r}\ndef upgrade(): pass\ndef downgrade(): pass\n"


def write(repository: Any, name: str, text: str) -> str:
    """A revision file with exactly this text."""
    path = f"migrations/versions/{name}.py"
    repository.write(path, text)
    return path


def test_unloadable_files(client: Any, repository: Any) -> None:
    """Each bad file has its line, and the good ones are there all the same."""
    repository.revision("a1", message="the first\n\nand more")
    syntax = write(repository, "b_syntax", "revision = 'b'\ndown_revision = 'a1'\n\nx = = 1\n")
    raising = write(
        repository, "c_raise", "revision = 'c'\n\ndef f():\n    raise ValueError('no')\n\nf()\n"
    )
    nothing = write(repository, "d_nothing", "x = 1\n")
    parent = write(repository, "e_parent", "revision = 'e'\n")
    leaving = write(repository, "f_exit", "\nimport sys\nsys.exit(3)\n")
    killing = write(repository, "g_kill", "import os\nos._exit(9)\n")
    opened = client.open()
    assert opened["ok"], opened
    found = {item["path"]: (item["line"], item["error"]) for item in opened["chain"]["unloadable"]}
    assert found[syntax] == (4, "SyntaxError: invalid syntax")
    assert found[raising] == (4, "ValueError: no")
    assert found[nothing] == (1, "there is no `revision` variable")
    assert found[parent] == (1, "there is no `down_revision` variable")
    assert found[leaving] == (3, "SystemExit: 3")
    assert found[killing] == (1, "while it was loaded the process ended with status 9")
    (first,) = opened["chain"]["revisions"]
    assert first["message"] == "the first"
    assert first["doc"] == "the first\n\nand more"
    assert opened["environment"] == "project"
    assert client.run()["stepped"] == ["a1"]


def test_duplicate_ids(client: Any, repository: Any) -> None:
    """Both files of one id are listed."""
    write(repository, "one", GOOD.format("a1", None))
    write(repository, "two", GOOD.format("a1", None))
    chain = client.open()["chain"]
    assert [item["revision"] for item in chain["revisions"]] == ["a1", "a1"]
    assert chain["graph_error"]["kind"] == "duplicate"


def test_cycle(client: Any, repository: Any) -> None:
    """A cycle is told with the revisions that form it."""
    write(repository, "a", GOOD.format("a1", None))
    write(repository, "b", GOOD.format("b2", "c3"))
    write(repository, "c", GOOD.format("c3", "b2"))
    chain = client.open()["chain"]
    assert chain["graph_error"]["kind"] == "cycle"
    assert chain["graph_error"]["revisions"] == ["b2", "c3"]
    assert len(chain["revisions"]) == 3


def test_replaces(client: Any, repository: Any) -> None:
    """A squashed revision names those that it replaces; what is no name is left out."""
    for name, value in (("a", "'x9'"), ("b", "('z1', 'y2', 3)"), ("c", "print"), ("d", "None")):
        write(repository, name, GOOD.format(name, None) + f"replaces = {value}\n")
    chain = client.open()["chain"]
    found = {item["revision"]: item["replaces"] for item in chain["revisions"]}
    assert found == {"a": ["x9"], "b": ["y2", "z1"], "c": [], "d": []}


def test_missing_parent(client: Any, repository: Any) -> None:
    """A parent that no file has is named."""
    write(repository, "a", GOOD.format("a1", None))
    write(repository, "b", GOOD.format("b2", "gone"))
    opened = client.open()
    assert opened["chain"]["graph_error"] == {
        "kind": "missing",
        "message": "no file has the revision gone",
        "revisions": ["gone"],
    }
    assert not client.run()["ok"]


def test_other_files(client: Any, repository: Any) -> None:
    """Files below a versions folder that is not recursive, and those of names that are skipped."""
    repository.revision("a1")
    write(repository, "sub/b", GOOD.format("b2", "a1"))
    write(repository, ".#c", GOOD.format("c3", "a1"))
    write(repository, "__init__", "")
    assert client.open()["chain"]["unloaded"] == [
        "migrations/versions/.#c.py",
        "migrations/versions/sub/b.py",
    ]


def test_no_configuration(client: Any) -> None:
    """What cannot be opened at all is answered with a failure; the session can open again."""
    reply = client.open(config="absent.ini", script_location="absent")
    assert not reply["ok"]
    assert reply["failure"]["kind"] == "python"
    assert client.open()["ok"]


def test_folder_without_ini(client: Any, repository: Any) -> None:
    """Configuration in code: the main options are handed over, the url with a percent sign too."""
    (repository.path / "alembic.ini").unlink()
    repository.write("migrations/env.py", ENV.format("context.config.get_main_option('url')"))
    repository.revision("a1")
    opened = client.open(
        kind="folder",
        config="migrations",
        options={"url": f"postgresql+{repository.driver}://u:%40@h/d"},
    )
    assert opened["environment"] == "project", opened
    assert client.run()["stepped"] == ["a1"]


def test_pyproject(client: Any, repository: Any) -> None:
    """[tool.alembic] of pyproject.toml is read."""
    (repository.path / "alembic.ini").unlink()
    repository.write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    repository.write("migrations/env.py", ENV.format("'postgresql+psycopg://h/d'"))
    repository.revision("a1")
    assert client.open(kind="pyproject", config="pyproject.toml")["environment"] == "project"
    assert client.run()["stepped"] == ["a1"]


@pytest.mark.parametrize(("ini", "found"), [("alembic.ini", "project"), (None, "builtin")])
def test_pyproject_beside_an_ini(client: Any, repository: Any, ini: str | None, found: str) -> None:
    """The ini file beside pyproject.toml is read when it is named."""
    repository.write("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    repository.write("alembic.ini", "[alembic]\ncolour = blue\n")
    check = "assert context.config.get_main_option('colour') == 'blue'\n"
    env = ENV.format("'postgresql+psycopg://h/d'")
    repository.write("migrations/env.py", env.replace("with create", check + "with create"))
    repository.revision("a1")
    assert client.open(kind="pyproject", config="pyproject.toml", ini=ini)["environment"] == found
