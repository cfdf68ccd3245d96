"""Configurations that are broken, are none, or are of no use: told, never raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.projects import ConfigurationProblem, find_environments
from tests.unit.projects.test_find_environments import Make, folder


@pytest.mark.parametrize(
    "place",
    [
        "node_modules/x",
        ".venv/lib/python3.12/site-packages/alembic/templates/generic",
        "{{cookiecutter.name}}/alembic",
        "lib/{% if db %}m{% endif %}",
    ],
)
def test_strangers_and_templates_are_no_environments(tree: Make, place: str) -> None:
    """Nothing is found in installed packages and in templates of projects."""
    view = tree({**folder(place), f"{place}/alembic.ini": "[alembic]\nscript_location = .\n"})
    assert find_environments(view).environments == ()
    assert find_environments(view).problems == ()


def test_environments_of_tests_are_left_out_unless_named(tree: Make) -> None:
    """A fixture repository beside the real environment is told and not checked."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = m\n",
        **folder("m"),
        "tests/fixtures/alembic.ini": "[alembic]\nscript_location = x\n",
        **folder("tests/fixtures/x"),
    }
    found = find_environments(tree(files))
    assert [item.name for item in found.environments] == ["alembic.ini"]
    assert found.left_out == ("tests/fixtures/alembic.ini",)
    named = find_environments(tree(files), ("tests/fixtures/alembic.ini",))
    assert [item.name for item in named.environments] == ["tests/fixtures/alembic.ini"]


def test_naming_what_is_none_is_a_problem_that_lists_what_there_is(tree: Make) -> None:
    """The message of a mistyped ``projects`` entry helps on."""
    view = tree({"a/alembic.ini": "[alembic]\nscript_location = m\n", **folder("a/m")})
    found = find_environments(view, ("b/alembic.ini", "a"))
    assert [item.name for item in found.environments] == ["a/alembic.ini"]
    (problem,) = found.problems
    assert "b/alembic.ini" in problem.message
    assert "a/alembic.ini" in problem.message


def test_a_folder_with_env_py_alone_is_none(tree: Make) -> None:
    """Plenty of repositories have an env.py that is no Alembic one."""
    view = tree({"tools/env.py": "import alembic", "x/env.py": "", "x/versions/a.py": "A = 1\n"})
    assert find_environments(view).environments == ()


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("[alembic]\nscript_location = m\nscript_location = n\n", 3, "twice"),
        ("[alembic]\nscript_location = m\n[alembic]\n", 3, "twice"),
        ("script_location = m\n", 1, "before the first"),
        ("[alembic]\nscript_location = m\nnonsense\n", 3, "neither"),
        ("[alembic]\n\nscript_location = %(nowhere)s/m\n", 3, "nowhere"),
        ("[alembic]\nscript_location = 100%/m\n", 2, "%%"),
        ("[alembic]\nscript_location = gone\n", 2, "gone"),
        ("[alembic]\nscript_location = m\nversion_locations = ../../x\n", 3, "../../x"),
        (
            "[alembic]\nscript_location = m\nversion_locations = a\npath_separator = tab\n",
            4,
            "tab",
        ),
        (b"\xef\xbb\xbf[alembic]\nscript_location = m\n", 1, "byte order mark"),
        (b"[alembic]\nscript_location = m\n# caf\xe9\n", 3, "UTF-8"),
    ],
)
def test_a_broken_ini_is_told_with_its_line(
    tree: Make, text: str | bytes, line: int, word: str
) -> None:
    """The file, the line and what to change; the folder is not taken for one without an ini."""
    found = find_environments(tree({"app/alembic.ini": text, **folder("app/m")}))
    (problem,) = found.problems
    assert (problem.path, problem.line) == ("app/alembic.ini", line)
    assert word in problem.message
    assert found.environments == ()


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("[tool.alembic]\nx = 1\nscript_location = 'gone'\n", 3),
        ("[tool.alembic]\nscript_location = 7\n", 2),
        ("[tool.alembic]\nscript_location = '100%/m'\n", 2),
        ("[tool.alembic]\nscript_location = [\n", 1),
        ("[tool.alembic]\nscript_location = 'm'\nversion_locations = ['/../x']\n", 3),
    ],
)
def test_a_broken_table_is_told_with_its_line(tree: Make, toml: str, line: int) -> None:
    """pyproject.toml is as clear as an ini file."""
    found = find_environments(tree({"pyproject.toml": toml, **folder("m")}))
    (problem,) = found.problems
    assert (problem.path, problem.line) == ("pyproject.toml", line)


_JUNK = st.text(st.sampled_from("[]=:%()s\n \t#;,./\\alembic\x00é\ufeff'\"{}")) | st.text()
_LINES = st.lists(
    st.sampled_from(
        [
            "[alembic]",
            "[tool.alembic]",
            "script_location = m",
            "script_location = '%(here)s/m'",
            "version_locations = %(here)s/../.. a:b",
            "path_separator = os",
            "prepend_sys_path = . : ..",
            "  continued",
            "recursive_version_locations = true",
            "[",
            "%",
        ]
    )
    | _JUNK
).map("\n".join)


@given(_LINES, st.sampled_from(["alembic.ini", "a/b/alembic.ini", "setup.cfg", "pyproject.toml"]))
def test_no_configuration_makes_it_raise(tree: Make, text: str, path: str) -> None:
    """Whatever the file holds: an environment that exists, or a problem with a line of the file."""
    data = text.encode("utf-8", "surrogatepass")
    found = find_environments(tree({path: data, **folder("m")}))
    for problem in found.problems:
        assert isinstance(problem, ConfigurationProblem)
        assert 1 <= problem.line <= text.count("\n") + text.count("\r") + 2
    for item in found.environments:
        assert item.script_location == "m"
        assert not any(place.startswith("/") or "\x01" in place for place in item.sys_path)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(tree: Make, data: bytes) -> None:
    """Neither do files that are no text at all."""
    find_environments(
        tree({"alembic.ini": b"[alembic]\nscript_location=m\n" + data, **folder("m")})
    )
    find_environments(tree({"pyproject.toml": b"[tool.alembic]\n" + data, "m/env.py": data}))
