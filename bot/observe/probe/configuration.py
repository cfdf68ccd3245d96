"""The project's Alembic configuration, as its own command line builds it."""

from __future__ import annotations

import argparse
import inspect
import os
from typing import TYPE_CHECKING, Any, Mapping

from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from .lines import Tree


def read(
    request: dict[str, Any],
    tree: Tree,
    options: dict[str, str],
    arguments: Mapping[str, str] | None = None,
) -> tuple[Config, ScriptDirectory]:
    """The ``Config`` that ``alembic -c … -n …`` would have, and its ``ScriptDirectory``.

    ``request`` is the protocol's ``open``; ``options`` are main options that were supplied, and
    ``arguments`` what would follow ``-x``.
    Raises what Alembic raises.
    """
    kind = request.get("kind", "ini")
    path = tree.absolute(request["config"])
    section = request.get("section") or "alembic"
    options = dict(request.get("options") or {}, **options)
    if kind == "ini":
        config = _from_ini(path, section)
    elif kind == "pyproject":
        ini = request.get("ini")
        config = _from_pyproject(path, section, tree.absolute(ini) if ini else None)
    else:
        ini = path if os.path.isfile(path) else os.path.join(path, "alembic.ini")
        config = Config(ini, ini_section=section) if os.path.isfile(ini) else Config()
        if kind == "flask":
            config.config_file_name = ini
    config.cmd_opts = _command_line(section, arguments or {})
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config, _script(config, request, tree, kind)


def _script(config: Config, request: dict[str, Any], tree: Tree, kind: str) -> ScriptDirectory:
    location = tree.absolute(request["script_location"])
    if kind in ("flask", "folder") or not _readable(config, location):
        config.set_main_option("script_location", location.replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    locations = [tree.absolute(item) for item in request.get("version_locations") or ()]
    usual = [os.path.join(location, "versions")]
    if not script.version_locations and locations and locations != usual:  # set in code
        script.version_locations = locations
        script.recursive_version_locations = bool(request.get("recursive"))
    return script


def _readable(config: Config, location: str) -> bool:
    """Whether Alembic itself can find the script folder from here.

    An ini file below ``conf/`` may name a folder relative to where its authors start Alembic.
    """
    option = getattr(config, "get_alembic_option", config.get_main_option)
    found = option("script_location")
    if not found:
        return False
    if ":" in found:  # package:folder, resolved by importing the package: it may not import here
        return not os.path.isdir(location)
    return os.path.isdir(found) or not os.path.isdir(location)


def _from_ini(path: str, section: str) -> Config:
    arguments: dict[str, Any] = {}
    toml = os.path.join(os.getcwd(), "pyproject.toml")
    if _reads_toml() and os.path.isfile(toml):  # as the command line does from Alembic 1.16 on
        arguments["toml_file"] = toml
    return Config(path, ini_section=section, **arguments)


def _from_pyproject(path: str, section: str, ini: str | None) -> Config:
    if ini is not None and not os.path.isfile(ini):
        ini = None
    if _reads_toml():
        return Config(ini, toml_file=path, ini_section=section)
    config = Config(ini, ini_section=section)
    here = os.path.dirname(path)
    for name, value in _toml_options(path).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if isinstance(value, list):
            text = " ".join(str(item) for item in value)
        text = text.replace("%(here)s", here)
        config.set_main_option(name, text.replace("%", "%%"))
    return config


def _reads_toml() -> bool:
    return "toml_file" in inspect.signature(Config.__init__).parameters


def _toml_options(path: str) -> dict[str, Any]:
    """``[tool.alembic]`` for an Alembic that does not read it itself."""
    try:
        import tomllib
    except ImportError:
        try:
            import tomli as tomllib
        except ImportError:
            return {}
    with open(path, "rb") as file:
        options = tomllib.load(file).get("tool", {}).get("alembic", {})
    plain = (str, int, bool, list)
    return {name: value for name, value in options.items() if isinstance(value, plain)}


def _command_line(section: str, arguments: Mapping[str, str]) -> argparse.Namespace:
    """What ``config.cmd_opts`` holds in ``alembic upgrade heads``; many an env.py looks into it."""
    from alembic import command

    return argparse.Namespace(
        cmd=(command.upgrade, ["revision"], ["sql", "tag"]),
        config=None,
        name=section,
        raiseerr=False,
        quiet=False,
        verbose=False,
        x=[f"{name}={value}" for name, value in arguments.items()] or None,
        revision="heads",
        sql=False,
        tag=None,
    )
