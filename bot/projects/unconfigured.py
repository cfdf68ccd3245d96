"""What no configuration file says: bare folders with env.py, options set in code, import roots."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from bot.projects.environment import Environment
from bot.projects.locations import Folders, location
from bot.projects.syntax import SyntaxProblem, imports, parse
from bot.projects.tree import TreeView, inside, join, parent

_POSTGRESQL = frozenset({"postgresql", "postgres", "pg", "pgsql"})
_OTHERS = frozenset({"sqlite", "sqlite3", "mysql", "mariadb", "mssql", "oracle", "cockroachdb"})
_REVISION = re.compile(rb"^revision\b[^=\n]*=", re.MULTILINE)
_OWN = frozenset({"alembic", "sqlalchemy", "logging", "os", "sys", "asyncio"})
_READERS = frozenset({"get_main_option", "get_alembic_option"})


def from_folders(
    view: TreeView, folders: Folders, scripts: tuple[str, ...]
) -> Iterator[Environment]:
    """Folders with an env.py that speaks of Alembic and a versions folder with a revision in it."""
    for place in scripts:
        versions = f"{place}/versions".lstrip("/")
        if versions not in folders.all or b"alembic" not in (view.read(_env(place)) or b""):
            continue
        locations = _revision_folders(view, place)
        if not locations:
            continue
        outside = folders.package_root(parent(place))
        yield complete(
            view,
            folders,
            Environment(
                config=place or "env.py",
                kind="flask" if is_flask(view, place) else "folder",
                section="alembic",
                workdir=parent(outside) if outside.rpartition("/")[2] == "src" else outside,
                script_location=place,
                version_locations=locations,
            ),
        )


def nearest_scripts(folders: Folders, home: str) -> tuple[str, ...]:
    """The env.py folders an ini without ``script_location`` may mean: beside it, else below it."""
    if home in folders.scripts:
        return (home,)
    return tuple(place for place in folders.scripts if inside(place, home))


def is_flask(view: TreeView, place: str) -> bool:
    """Whether env.py is Flask-Migrate's: it asks for the current application."""
    return b"current_app" in (view.read(_env(place)) or b"")


def complete(
    view: TreeView, folders: Folders, environment: Environment, prepended: tuple[str, ...] = ()
) -> Environment:
    """The environment with what its env.py lets one infer: import roots, options, locations."""
    source = view.read(environment.env_py) or b""
    place = environment.script_location
    options = {**_main_options(source, environment), **environment.options}
    locations = environment.version_locations
    usual = f"{place}/versions".lstrip("/")
    if locations == (usual,) and not environment.recursive:
        locations = _revision_folders(view, place) or locations
    return replace(
        environment,
        options=options,
        version_locations=locations,
        sys_path=_sys_path(folders, environment, prepended, source),
    )


def _env(place: str) -> str:
    return f"{place}/env.py".lstrip("/")


def _revision_folders(view: TreeView, place: str) -> tuple[str, ...]:
    """The versions folder when revisions lie in it, else those below it that hold some.

    Both, when code beside env.py or one folder up sets ``version_locations`` (keystone keeps one
    folder a release): Alembic itself would not look below.
    """
    versions = f"{place}/versions".lstrip("/")
    holding: set[str] = set()
    below = [path for path in view.paths if inside(path, versions) and path.endswith(".py")]
    for path in below:
        folder = parent(path)
        if folder not in holding and _REVISION.search(view.read(path) or b""):
            holding.add(folder)
    holding = _of_postgresql(holding)
    if versions not in holding or len(holding) == 1:
        return tuple(sorted(holding))
    near = (path for path in view.paths if parent(path) in (place, parent(place)))
    code = (view.read(path) or b"" for path in near if path.endswith(".py"))
    return (
        tuple(sorted(holding))
        if any(b"version_locations" in text for text in code)
        else (versions,)
    )


def _of_postgresql(folders: set[str]) -> set[str]:
    """Without those of other databases, where each has a folder: they may share revision ids."""
    named = {folder: folder.rpartition("/")[2].lower() for folder in folders}
    if not _POSTGRESQL & set(named.values()):
        return folders
    return {folder for folder, name in named.items() if name not in _OTHERS}


def _main_options(source: bytes, environment: Environment) -> dict[str, str]:
    """Options that env.py reads and only the project's code sets, as far as they are a URL."""
    if environment.kind in ("ini", "pyproject", "flask") and not environment.options:
        return {}
    tree = parse(source)
    if isinstance(tree, SyntaxProblem):
        return {}
    names = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _READERS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    return {
        name: "{url}"
        for name in sorted({"sqlalchemy.url", *names})
        if re.search(r"url|uri|dsn|database|connection", name, re.IGNORECASE)
    }


def _sys_path(
    folders: Folders, environment: Environment, prepended: tuple[str, ...], source: bytes
) -> tuple[str, ...]:
    """Folders from which env.py's imports resolve: stated ones, then those the tree suggests."""
    place = environment.script_location
    found = [
        folder
        for entry in prepended
        if (folder := location(entry, environment.workdir, place, folders)) is not None
    ]
    found.append(environment.workdir)
    found.append(folders.package_root(parent(place)) if place else "")
    for item in imports(source.decode("utf-8", "replace")):
        name = item.module.split(".")[0]
        if item.level or name in _OWN or any(_importable(folders, name, root) for root in found):
            continue
        root = folders.module_root(name, place) or folders.module_root(name, environment.workdir)
        if root is not None:
            found.append(root)
    return tuple(dict.fromkeys(folder for folder in found if folder in folders.all))


def _importable(folders: Folders, name: str, root: str) -> bool:
    module = join(root, name)
    return f"{module}.py" in folders.paths or module in folders.all
