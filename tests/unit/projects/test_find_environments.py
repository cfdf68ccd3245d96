"""Alembic environments are found the way real repositories hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.projects import ConfigurationProblem, find_environments

Make = Callable[[dict[str, str | bytes]], Any]

ENV = "from alembic import context\nfrom app.models import Base\n"
FLASK = "from alembic import context\nfrom flask import current_app\n"
REVISION = "revision = 'a1'\ndown_revision = None\n"


def folder(place: str, env: str = ENV) -> dict[str, str | bytes]:
    """A script folder with one revision."""
    return {f"{place}/env.py": env, f"{place}/versions/a1_first.py": REVISION}


def test_an_ini_file_names_its_folder_relative_to_itself(tree: Make) -> None:
    """The usual layout, in a subfolder of the repository."""
    view = tree(
        {
            "backend/alembic.ini": "[alembic]\nscript_location = migrations\n",
            "backend/app/models.py": "",
            **folder("backend/migrations"),
        }
    )
    (found,) = find_environments(view).environments
    assert (found.config, found.kind, found.workdir) == ("backend/alembic.ini", "ini", "backend")
    assert found.script_location == "backend/migrations"
    assert found.version_locations == ("backend/migrations/versions",)
    assert found.sys_path == ("backend",)


def test_a_path_that_only_exists_from_the_root_makes_the_root_the_workdir(tree: Make) -> None:
    """hypothesis/h keeps its ini in conf/ and runs Alembic from the root."""
    view = tree(
        {"conf/alembic.ini": "[alembic]\nscript_location: h/migrations\n", **folder("h/migrations")}
    )
    (found,) = find_environments(view).environments
    assert (found.workdir, found.script_location) == ("", "h/migrations")


def test_here_is_the_folder_of_the_ini(tree: Make) -> None:
    """``%(here)s`` leads up as well as down."""
    ini = "[alembic]\nscript_location = %(here)s/../db/scripts\nversion_locations = %(here)s/v1\n"
    view = tree({"conf/alembic.ini": ini, "conf/v1/x.py": REVISION, **folder("db/scripts")})
    (found,) = find_environments(view).environments
    assert (found.script_location, found.version_locations) == ("db/scripts", ("conf/v1",))
    assert found.workdir == "conf"


def test_every_section_with_a_location_is_an_environment(tree: Make) -> None:
    """Netflix/dispatch keeps [core] and [tenant] in one file."""
    ini = (
        "[core]\nscript_location=rev/core\n[tenant]\nscript_location=rev/tenant\n"
        "[loggers]\nkeys=a\n"
    )
    view = tree({"src/alembic.ini": ini, **folder("src/rev/core"), **folder("src/rev/tenant")})
    found = find_environments(view).environments
    assert [item.name for item in found] == ["src/alembic.ini#core", "src/alembic.ini#tenant"]


@pytest.mark.parametrize(
    ("separator", "stated"),
    [
        ("", "a/v b/v"),
        ("", "a/v, b/v"),
        ("path_separator = space\n", "a/v b/v"),
        ("version_path_separator = os\n", "a/v:b/v"),
        ("path_separator = ;\n", "a/v;b/v"),
        ("path_separator = :\n", "a/v:b/v"),
        ("path_separator = newline\n", "\n  a/v\n  b/v"),
    ],
)
def test_version_locations_are_split_as_alembic_splits_them(
    tree: Make, separator: str, stated: str
) -> None:
    """Each way Alembic knows, old and new."""
    ini = f"[alembic]\nscript_location = m\n{separator}version_locations = {stated}\n"
    view = tree({"alembic.ini": ini, "a/v/1.py": REVISION, "b/v/2.py": REVISION, **folder("m")})
    (found,) = find_environments(view).environments
    assert found.version_locations == ("a/v", "b/v")


def test_a_packaged_location_is_looked_up_among_the_import_roots(tree: Make) -> None:
    """``package:folder``, also below src/."""
    view = tree(
        {
            "alembic.ini": "[alembic]\nscript_location = shop.db:migrations\n",
            "src/shop/__init__.py": "",
            "src/shop/db/__init__.py": "",
            **folder("src/shop/db/migrations"),
        }
    )
    (found,) = find_environments(view).environments
    assert found.script_location == "src/shop/db/migrations"
    assert "src" in found.sys_path


def test_pyproject_holds_an_environment_and_takes_the_ini_along(tree: Make) -> None:
    """Alembic 1.16 and later: source options in pyproject.toml, the rest in alembic.ini."""
    toml = (
        "[tool.alembic]\nscript_location = '%(here)s/m'\nprepend_sys_path = ['.', 'lib']\n"
        "version_locations = ['%(here)s/m/versions', 'more']\nrecursive_version_locations = true\n"
    )
    view = tree(
        {
            "pyproject.toml": toml,
            "alembic.ini": "[alembic]\nsqlalchemy.url = x\n",
            "lib/x.py": "",
            "more/b.py": REVISION,
            **folder("m"),
        }
    )
    (found,) = find_environments(view).environments
    assert (found.kind, found.config, found.ini) == ("pyproject", "pyproject.toml", "alembic.ini")
    assert found.version_locations == ("m/versions", "more")
    assert found.recursive
    assert found.sys_path == ("", "lib")


def test_flask_migrate_needs_no_location(tree: Make) -> None:
    """Its alembic.ini lies beside env.py; it runs where the application's package lies."""
    view = tree(
        {
            "lemur/__init__.py": "",
            "lemur/migrations/alembic.ini": "[alembic]\n# nothing\n",
            **folder("lemur/migrations", FLASK),
        }
    )
    (found,) = find_environments(view).environments
    assert (found.kind, found.config) == ("flask", "lemur/migrations/alembic.ini")
    assert found.workdir == ""


def test_an_ini_without_location_takes_the_folder_below_it(tree: Make) -> None:
    """The code that loads the ini sets the location; it is set here, too."""
    view = tree({"alembic.ini": "[alembic]\nx = 1\n", **folder("db/migrations")})
    (found,) = find_environments(view).environments
    assert (found.kind, found.script_location) == ("ini", "db/migrations")
    assert found.options["script_location"] == "db/migrations"


@pytest.mark.parametrize("stated", ["{scripts}", "${SCRIPTS}", "@scripts@", "<folder>/scripts"])
def test_an_ini_that_is_a_template_takes_the_folder_below_it(tree: Make, stated: str) -> None:
    """The code that loads it fills the location in; a location that leads nowhere is a problem."""
    ini = "[alembic]\nscript_location = {}\nsqlalchemy.url = {{url}}\n"
    view = tree({"shop/alembic.ini": ini.format(stated), **folder("shop/scripts")})
    found = find_environments(view)
    assert [item.script_location for item in found.environments] == ["shop/scripts"]
    assert found.environments[0].options["script_location"] == "shop/scripts"
    view = tree({"shop/alembic.ini": ini.format("nowhere"), **folder("shop/scripts")})
    assert find_environments(view).problems


def test_a_folder_without_any_configuration_is_found_with_the_options_it_reads(tree: Make) -> None:
    """pypi/warehouse builds its Config in code and reads the main option ``url``."""
    env = ENV + "url = context.config.get_main_option('url')\n"
    view = tree({"shop/__init__.py": "", **folder("shop/migrations", env)})
    (found,) = find_environments(view).environments
    assert (found.kind, found.config, found.workdir) == ("folder", "shop/migrations", "")
    assert found.options == {"sqlalchemy.url": "{url}", "url": "{url}"}


def test_locations_that_code_sets_are_taken_from_the_folders_that_hold_revisions(
    tree: Make,
) -> None:
    """openstack/keystone keeps a folder a release and branch, and lists them in code."""
    files = {
        "k/alembic.ini": "[alembic]\nscript_location = %(here)s/m\n",
        "k/upgrades.py": "config.set_main_option('version_locations', paths)\n",
        **folder("k/m"),
        "k/m/versions/y/expand/b.py": REVISION,
    }
    (found,) = find_environments(tree(files)).environments
    assert found.version_locations == ("k/m/versions", "k/m/versions/y/expand")
    del files["k/upgrades.py"]
    (found,) = find_environments(tree(files)).environments
    assert found.version_locations == ("k/m/versions",)


def test_of_folders_for_several_databases_that_of_postgresql_counts(tree: Make) -> None:
    """PrefectHQ/prefect keeps the same revisions twice, under the same ids."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "m/env.py": ENV,
        "m/versions/postgresql/a.py": REVISION,
        "m/versions/sqlite/a.py": REVISION,
    }
    (found,) = find_environments(tree(files)).environments
    assert found.version_locations == ("m/versions/postgresql",)
    del files["m/versions/postgresql/a.py"]
    (found,) = find_environments(tree(files)).environments
    assert found.version_locations == ("m/versions/sqlite",)


def test_what_two_configurations_name_appears_once(tree: Make) -> None:
    """A second ini for tests and the folder itself are the same environment."""
    view = tree(
        {
            "alembic.ini": "[alembic]\nscript_location = m\n",
            "alembic_test.ini": "[alembic]\nscript_location = m\n",
            "setup.cfg": "[alembic]\nscript_location = m\n",
            **folder("m"),
        }
    )
    assert [item.name for item in find_environments(view).environments] == ["alembic.ini"]


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
