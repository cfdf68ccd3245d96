"""Alembic environments are found the way real repositories hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.projects import find_environments

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
    files: dict[str, str | bytes] = {
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
