"""Environments that a configuration file describes: an ini file or ``[tool.alembic]``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from bot.projects.environment import Environment
from bot.projects.ini import HERE, Ini, parse_ini
from bot.projects.locations import Folders, location, script_location, split_paths
from bot.projects.tree import ConfigurationProblem, TreeView, parent
from bot.projects.unconfigured import complete, is_flask, nearest_scripts

_PLACEHOLDER = re.compile(r"\{\w*\}|\$\w|<\w+>|@\w+@")


def from_ini(
    view: TreeView, folders: Folders, path: str
) -> Iterator[Environment | ConfigurationProblem]:
    """The environments of one ini file: one for each section that states a script_location."""
    data = view.read(path) or b""
    usual = path.rpartition("/")[2] == "alembic.ini"
    if b"script_location" not in data and not usual:
        return
    ini = parse_ini(path, data)
    if isinstance(ini, ConfigurationProblem):
        yield ini
        return
    stated = [name for name in ini.sections if ini.line(name, "script_location") is not None]
    for section in stated:
        item = _from_section(view, folders, ini, section)
        template = _PLACEHOLDER.search(str(ini.get(section, "script_location")))
        if (
            isinstance(item, ConfigurationProblem) and template
        ):  # the code that loads it fills it in
            yield from list(_without_location(view, folders, path)) or [item]
        else:
            yield item
    if not stated and usual:
        yield from _without_location(view, folders, path)


def _from_section(
    view: TreeView, folders: Folders, ini: Ini, section: str
) -> Environment | ConfigurationProblem:
    options: dict[str, str] = {}
    names = ("script_location", "version_locations", "prepend_sys_path", "path_separator")
    for option in (*names, "version_path_separator", "recursive_version_locations"):
        value = ini.get(section, option)
        if isinstance(value, ConfigurationProblem):
            return value
        if value is not None:
            options[option] = value
    separator = options.get("path_separator")
    try:
        stated = split_paths(
            options.get("version_locations", ""),
            separator or options.get("version_path_separator"),
        )
        prepended = split_paths(options.get("prepend_sys_path", ""), separator, colons=True)
    except ValueError as error:
        option = "path_separator" if separator else "version_path_separator"
        return ConfigurationProblem(ini.path, ini.line(section, option) or 1, str(error))
    place = script_location(options["script_location"], ini.path, folders)
    if place is None:
        return _no_env(ini.path, ini.line(section, "script_location"), options["script_location"])
    locations = _locations(stated, place, folders)
    if isinstance(locations, str):
        line = ini.line(section, "version_locations") or 1
        return ConfigurationProblem(ini.path, line, locations)
    return complete(
        view,
        folders,
        Environment(
            config=ini.path,
            kind="ini",
            section=section,
            workdir=place[1],
            script_location=place[0],
            version_locations=locations,
            recursive=options.get("recursive_version_locations") == "true",
        ),
        prepended=prepended,
    )


def _without_location(
    view: TreeView, folders: Folders, path: str
) -> Iterator[Environment | ConfigurationProblem]:
    """An alembic.ini that leaves the location to Flask-Migrate or to the code that loads it."""
    home = parent(path)
    pyproject = f"{home}/pyproject.toml".lstrip("/")
    if pyproject in view.paths and b"[tool.alembic]" in (view.read(pyproject) or b""):
        return  # found there; Alembic loads both
    for place in nearest_scripts(folders, home):
        flask = is_flask(view, place)
        outside = folders.package_root(parent(place)) if place == home else home
        yield complete(
            view,
            folders,
            Environment(
                config=path,
                kind="flask" if flask else "ini",
                section="alembic",
                workdir=parent(outside) if outside.rpartition("/")[2] == "src" else outside,
                script_location=place,
                version_locations=(f"{place}/versions".lstrip("/"),),
                options={} if flask else {"script_location": place},
            ),
        )


def from_pyproject(
    view: TreeView, folders: Folders, path: str
) -> Iterator[Environment | ConfigurationProblem]:
    """The environment of ``[tool.alembic]`` (Alembic ≥ 1.16, ``Config.toml_alembic_config``)."""
    data = view.read(path) or b""
    if b"alembic" not in data:
        return
    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except (ValueError, RecursionError) as error:
        if b"[tool.alembic]" in data:
            yield ConfigurationProblem(path, 1, f"is not TOML: {error}")
        return
    table = tool.get("alembic") if isinstance(tool, dict) else None
    if isinstance(table, dict) and "script_location" in table:
        yield _from_table(view, folders, path, table)


def _from_table(
    view: TreeView, folders: Folders, path: str, table: Mapping[str, Any]
) -> Environment | ConfigurationProblem:
    home = parent(path)
    here = {"here": f"{HERE}/{home}" if home else HERE}
    line = _toml_line(view.read(path) or b"", "script_location")
    try:
        stated = table["script_location"] % here
        locations = tuple(item % here for item in table.get("version_locations") or ())
        prepended = tuple(item % here for item in table.get("prepend_sys_path") or ())
    except (TypeError, ValueError, KeyError) as error:
        reason = f"[tool.alembic] cannot be read: {error!r} (a literal % is written %%)"
        return ConfigurationProblem(path, line, reason)
    place = script_location(stated, path, folders)
    if place is None:
        return _no_env(path, line, stated)
    folders_stated = _locations(locations, place, folders)
    if isinstance(folders_stated, str):
        line = _toml_line(view.read(path) or b"", "version_locations")
        return ConfigurationProblem(path, line, folders_stated)
    ini = f"{home}/alembic.ini".lstrip("/")
    return complete(
        view,
        folders,
        Environment(
            config=path,
            kind="pyproject",
            section="alembic",
            workdir=place[1],
            script_location=place[0],
            version_locations=folders_stated,
            recursive=table.get("recursive_version_locations") is True,
            ini=ini if ini in view.paths else None,
        ),
        prepended=prepended,
    )


def _locations(
    stated: tuple[str, ...], place: tuple[str, str], folders: Folders
) -> tuple[str, ...] | str:
    """The version folders in the tree, or the sentence that says which one is not in it."""
    script, workdir = place
    if not stated:
        return (f"{script}/versions".lstrip("/"),)
    found = []
    for entry in stated:
        folder = location(entry, workdir, script, folders)
        if folder is None:
            shown = entry.replace(HERE, "%(here)s")
            return f"version_locations names {shown}, which is not in this repository"
        if folder not in found:
            found.append(folder)
    return tuple(found)


def _no_env(path: str, line: int | None, stated: str) -> ConfigurationProblem:
    shown = stated.replace(HERE, "%(here)s")
    return ConfigurationProblem(
        path, line or 1, f"script_location is {shown}, but no such folder here holds an env.py"
    )


def _toml_line(data: bytes, key: str) -> int:
    """The line of ``[tool.alembic]`` that states the key, 1 when it cannot be told."""
    inside = False
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if line.strip().startswith("["):
            inside = line.strip().startswith("[tool.alembic]")
        elif inside and line.split("=")[0].strip().strip("\"'") == key:
            return number
    return 1
