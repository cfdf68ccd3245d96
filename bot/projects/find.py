"""Which Alembic environments a tree holds: found by configuration, then by their env.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.projects.configured import from_ini, from_pyproject
from bot.projects.environment import Environment, Found
from bot.projects.locations import Folders
from bot.projects.tree import ConfigurationProblem, TreeView, inside, parent, prefetch
from bot.projects.unconfigured import from_folders

_FOREIGN = re.compile(
    r"(?:^|/)(?:node_modules|site-packages|dist-packages|__pycache__|\.?venv|\.tox|\.nox|\.eggs"
    r"|vendor|vendored|_vendor|[^/]*(?:\{\{|\{%)[^/]*)/"
)
_EXEMPLARY = re.compile(
    r"(?:^|/)(?:tests?|testing|testdata|test_data|fixtures?|templates?|cookiecutters?|skeletons?)/"
)


def find_environments(view: TreeView, only: tuple[str, ...] = ()) -> Found:
    """Every Alembic environment of the tree, in the order of their configurations' paths.

    ``only`` (the ``projects`` setting) narrows them to those configurations: an entry is the path
    of a configuration, of the folder it lies in or of its script folder, with ``#section`` where
    one section of several is meant. An entry that names none is a problem.
    """
    folders = Folders(view)
    environments: list[Environment] = []
    problems: list[ConfigurationProblem] = []
    for item in _candidates(view, folders, only):
        if isinstance(item, Environment):
            environments.append(item)
        else:
            problems.append(item)
    found = _once(environments)
    if only:
        return _chosen(found, problems, only)
    real = tuple(item for item in found if not _EXEMPLARY.search(f"{item.config}/"))
    kept = real or found
    left_out = tuple(item.name for item in found if item not in kept)
    told = tuple(problem for problem in problems if not _EXEMPLARY.search(problem.path))
    return Found(kept, told, left_out)


def _candidates(
    view: TreeView, folders: Folders, only: tuple[str, ...]
) -> Iterator[Environment | ConfigurationProblem]:
    """Environments by every way of finding them, the most explicit first."""
    named = {entry.partition("#")[0] for entry in only}
    claimed: set[str] = set()
    broken: set[str] = set()
    configurations = [
        path
        for path in view.paths
        if (path.endswith(("pyproject.toml", ".ini", ".cfg")) or path in named)
        and not _FOREIGN.search(path)
    ]
    prefetch(view, [*configurations, *(f"{place}/env.py".lstrip("/") for place in folders.scripts)])
    for path in sorted(configurations, key=lambda path: (not path.endswith("alembic.ini"), path)):
        reader = from_pyproject if path.endswith("pyproject.toml") else from_ini
        for item in reader(view, folders, path):
            if isinstance(item, Environment):
                claimed.add(item.script_location)
            else:
                broken.add(parent(path))  # its folder is not one without configuration
            yield item
    scripts = tuple(
        place
        for place in folders.scripts
        if place not in claimed
        and not _FOREIGN.search(f"{place}/env.py")
        and not any(inside(f"{place}/env.py", folder) for folder in broken)
    )
    yield from from_folders(view, folders, scripts)


def _once(environments: list[Environment]) -> tuple[Environment, ...]:
    """Each set of revision files once: by pyproject (it loads the ini, too), else the first."""
    kept: dict[tuple[str, tuple[str, ...]], Environment] = {}
    for item in environments:
        key = (item.script_location, item.version_locations)
        if key not in kept:
            kept[key] = item
        elif item.kind == "pyproject" and kept[key].kind == "ini":
            kept[key] = replace(item, ini=item.ini or kept[key].config)
    return tuple(sorted(kept.values(), key=lambda item: (item.config, item.section)))


def _chosen(
    found: tuple[Environment, ...], problems: list[ConfigurationProblem], only: tuple[str, ...]
) -> Found:
    chosen: list[Environment] = []
    told: list[ConfigurationProblem] = []
    for entry in only:
        path, _, section = entry.partition("#")
        path = path.strip("/").removeprefix("./")
        matching = [item for item in found if _meant(item, path) and section in ("", item.section)]
        about = [item for item in problems if item.path == path or inside(item.path, path)]
        chosen += [item for item in matching if item not in chosen]
        told += [item for item in about if item not in told]
        if not matching and not about:
            names = ", ".join(item.name for item in found) or "none"
            message = f"`projects` names {entry}, which is no Alembic environment; found: {names}"
            told.append(ConfigurationProblem(path, 1, message))
    return Found(tuple(sorted(chosen, key=lambda item: item.name)), tuple(told))


def _meant(environment: Environment, path: str) -> bool:
    places = {environment.config, parent(environment.config), environment.script_location}
    return path in places or path == environment.ini
