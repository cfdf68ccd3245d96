"""What would be installed is read from the nearest declaration that names Alembic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.projects import NOTHING, Environment, plan_install
from bot.projects.requirement import poetry_requirement, version_range

Make = Callable[[dict[str, str | bytes]], Any]
SERVICE = Environment("svc/alembic.ini", "ini", "alembic", "svc", "svc/m", ("svc/m/versions",))
PROJECT = "[project]\nname = 'x'\nrequires-python = '>=3.11'\ndependencies = ['alembic>=1.13']\n"


def test_nothing_declared_is_said(tree: Make) -> None:
    """Then the bot's own packages have to do."""
    plan = plan_install(tree({"svc/m/env.py": ""}), SERVICE)
    assert (plan.kind, plan.declares, plan.names) == (NOTHING.kind, False, ())


def test_a_workspace_member_uses_the_lock_above_it(tree: Make) -> None:
    """With uv there is one lock for all members, at the root."""
    lock = (
        'requires-python = ">=3.11"\n[[package]]\nname = "alembic"\n[[package]]\nname = "Psycopg"\n'
    )
    plan = plan_install(tree({"uv.lock": lock, "svc/pyproject.toml": PROJECT}), SERVICE)
    assert (plan.kind, plan.directory) == ("uv", "svc")
    assert plan.files == ("uv.lock", "svc/pyproject.toml")
    assert plan.names == ("alembic", "psycopg")
    assert plan.python == ">=3.11"


def test_a_pinned_python_goes_before_a_range(tree: Make) -> None:
    """``.python-version`` is what the team runs."""
    files: dict[str, str | bytes] = {"svc/pyproject.toml": PROJECT, ".python-version": "3.12.4\n"}
    assert plan_install(tree(files), SERVICE).python == "3.12"
    files[".python-version"] = "pypy3.9\n"
    assert plan_install(tree(files), SERVICE).python == ">=3.11"


POETRY_LOCK = """
[[package]]
name = "alembic"
version = "1.13.1"
groups = ["main"]
markers = "python_version >= '3.9'"

[[package]]
name = "pytest"
version = "8.0"
groups = ["dev"]

[[package]]
name = "forked"
version = "1"
groups = ["main"]
[package.source]
type = "git"
url = "https://example.org/forked.git"
resolved_reference = "abc"

[[package]]
name = "sibling"
version = "1"
groups = ["main"]
[package.source]
type = "directory"
url = "../sibling"

[[package]]
name = "pywin32"
version = "306"
groups = ["main"]
"""


def test_a_poetry_lock_becomes_pinned_requirements(tree: Make) -> None:
    """Development packages stay away, folders become import roots."""
    plan = plan_install(tree({"svc/poetry.lock": POETRY_LOCK}), SERVICE)
    assert plan.kind == "poetry"
    assert plan.requirements == (
        "alembic==1.13.1 ; python_version >= '3.9'",
        "forked @ git+https://example.org/forked.git@abc",
        "pywin32==306 ; sys_platform == 'win32'",
    )
    assert plan.local == ("sibling",)


def test_other_locks_are_read_as_well(tree: Make) -> None:
    """pdm's, Pipfile's and PEP 751's."""
    pdm = '[[package]]\nname = "alembic"\nversion = "1.1"\ngroups = ["default"]\n'
    assert plan_install(tree({"svc/pdm.lock": pdm}), SERVICE).requirements == ("alembic==1.1",)
    pipfile = '{"default": {"alembic": {"version": "==1.2", "markers": "m"}}, "develop": {"x": {}}}'
    plan = plan_install(tree({"Pipfile.lock": pipfile}), SERVICE)
    assert (plan.kind, plan.requirements) == ("pipenv", ("alembic==1.2 ; m",))
    pylock = '[[packages]]\nname = "alembic"\nversion = "1.3"\n'
    plan = plan_install(tree({"pylock.toml": pylock}), SERVICE)
    assert (plan.kind, plan.requirements) == ("pylock", ("alembic==1.3",))


def test_a_broken_lock_leaves_the_ranges(tree: Make) -> None:
    """What cannot be read is not what gets installed."""
    files: dict[str, str | bytes] = {"svc/poetry.lock": "[[", "svc/pyproject.toml": PROJECT}
    plan = plan_install(tree(files), SERVICE)
    assert (plan.kind, plan.requirements) == ("pyproject", ("alembic>=1.13",))


def test_requirements_files_are_chosen_by_what_they_name(tree: Make) -> None:
    """The main one and the one with the driver; not those for tests and documentation."""
    view = tree(
        {
            "svc/requirements.txt": "-r common.txt\nflask\n",
            "svc/common.txt": "Alembic==1.13  # comment\n-e ../lib\n",
            "svc/requirements-db.txt": "psycopg2-binary\n",
            "svc/requirements-dev.txt": "asyncpg\npytest\n",
            "svc/requirements/docs.txt": "sphinx\n",
        }
    )
    plan = plan_install(view, SERVICE)
    assert plan.files == ("svc/requirements.txt", "svc/requirements-db.txt")
    assert plan.names == ("alembic", "psycopg2-binary")
    assert plan.local == ("lib",)


def test_a_compiled_file_stands_for_its_source(tree: Make) -> None:
    """hypothesis/h and pypi/warehouse compile requirements/*.in."""
    view = tree(
        {
            "requirements/prod.in": "alembic\n",
            "requirements/prod.txt": "alembic==1.13 \\\n --hash=x\n",
        }
    )
    assert plan_install(view, SERVICE).files == ("requirements/prod.txt",)


def test_the_declaration_that_names_alembic_goes_before_a_nearer_one(tree: Make) -> None:
    """A folder's own file for a linter is not the project's."""
    view = tree({"svc/requirements.txt": "ruff\n", "requirements.txt": "alembic\n"})
    assert plan_install(view, SERVICE).files == ("requirements.txt",)


def test_poetry_tables_setup_cfg_and_setup_py_are_read(tree: Make) -> None:
    """Ranges in every notation."""
    poetry = (
        "[tool.poetry.dependencies]\npython = '^3.10'\nalembic = '^1.13'\n"
        "asyncpg = {version = '~0.29', extras = ['a']}\nlib = {path = '../lib'}\n"
    )
    plan = plan_install(tree({"pyproject.toml": poetry}), SERVICE)
    assert plan.requirements == ("alembic>=1.13,<2", "asyncpg[a]>=0.29,<0.30")
    assert plan.python == ">=3.10,<4"
    cfg = "[options]\npython_requires = >=3.9\ninstall_requires =\n  alembic>1\n  x; a\n"
    plan = plan_install(tree({"setup.cfg": cfg}), SERVICE)
    assert (plan.kind, plan.requirements, plan.python) == ("setup", ("alembic>1", "x; a"), ">=3.9")
    setup = "R = ['alembic', 'flask']\nsetup(install_requires=R, python_requires='>=3.9')\n"
    plan = plan_install(tree({"setup.py": setup}), SERVICE)
    assert (plan.requirements, plan.python) == (("alembic", "flask"), ">=3.9")


def test_extras_and_groups_count_when_alembic_is_in_them(tree: Make) -> None:
    """Others stay away."""
    toml = (
        "[project]\ndependencies = ['flask']\n[project.optional-dependencies]\n"
        "db = ['alembic', 'psycopg']\ndocs = ['sphinx']\n[dependency-groups]\ndev = ['pytest']\n"
    )
    plan = plan_install(tree({"pyproject.toml": toml}), SERVICE)
    assert plan.requirements == ("flask", "alembic", "psycopg")
    assert (plan.extras, plan.groups) == (("db",), ())


def test_the_key_follows_what_is_installed(tree: Make) -> None:
    """An included file counts, an unrelated one does not."""
    files: dict[str, str | bytes] = {"requirements.txt": "-r b.txt\n", "b.txt": "alembic\n"}
    key = plan_install(tree(files), SERVICE).key
    assert plan_install(tree({**files, "c.txt": "x"}), SERVICE).key == key
    assert plan_install(tree({**files, "b.txt": "alembic==1\n"}), SERVICE).key != key


@pytest.mark.parametrize(
    ("poetry", "pep440"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.2", "==1.2"),
        ("1.2.*", "==1.2.*"),
        (">=1,<2", ">=1,<2"),
        ("^2.7 || ^3.6", ">=3.6,<4"),
    ],
)
def test_poetrys_constraints_are_translated(poetry: str, pep440: str) -> None:
    """As poetry's documentation explains them."""
    assert version_range(poetry) == pep440


_FILES = st.sampled_from(
    [
        *("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pyproject.toml"),
        *("Pipfile", "setup.cfg", "setup.py", "requirements.txt", ".python-version"),
    ]
)
_VALUE = st.recursive(
    st.text(max_size=5) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "version",
                    "package",
                    "groups",
                    "source",
                    "path",
                    "git",
                    "markers",
                    "extras",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(
        _FILES, st.text() | st.just("-r requirements.txt\n./x\n") | st.just("[tool]\npoetry = 1")
    )
)
def test_no_declaration_makes_it_raise(tree: Make, files: dict[str, str]) -> None:
    """Junk declares nothing, or something."""
    content: dict[str, str | bytes] = {
        path: text.encode("utf-8", "replace") for path, text in files.items()
    }
    plan = plan_install(tree(content), SERVICE)
    assert plan.declares == (plan.kind != "none")


@given(_VALUE)
def test_no_value_in_poetrys_table_makes_it_raise(value: object) -> None:
    """TOML holds more shapes than poetry knows."""
    assert isinstance(poetry_requirement("x", value), str | None)
