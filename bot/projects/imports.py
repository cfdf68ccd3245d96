"""Which files an env.py reaches by imports, followed through one tree without importing any."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from bot.projects.environment import Environment
from bot.projects.locations import Folders
from bot.projects.revision_files import revision_files
from bot.projects.syntax import Import, imports
from bot.projects.tree import TreeView, inside, parent, prefetch

LIMIT_FILES = 3000  # of the tree are read before the answer is "cannot be told"
_BY_NAME = re.compile(r"\b(?:import_module|__import__|import_string)\s*\(\s*([^\s)]?)")
_BY_FOLDER = re.compile(
    r"\b(?:walk_packages|iter_modules|find_modules|spec_from_file_location|load_module)\b"
)
_DOTTED = re.compile(r"""['"](\.{0,2}[A-Za-z_]\w*(?:\.\w+)*)(?::\w+)?['"]""")
_APPLICATIONS = frozenset(
    {"app.py", "wsgi.py", "manage.py", "autoapp.py", "application.py", "main.py", "run.py"}
    | {"server.py", "factory.py", "__init__.py"}
)


@dataclass(frozen=True)
class Reach:
    """The wanted files that are reached; ``certain`` is false where imports cannot be followed."""

    files: frozenset[str]
    certain: bool


class ImportGraph:
    """The imports of one tree's files, read on demand."""

    def __init__(self, view: TreeView, folders: Folders, environment: Environment) -> None:
        self._view = view
        self._folders = folders
        self._environment = environment
        self._roots: dict[tuple[str, str], tuple[str, ...]] = {}

    def reach(self, wanted: Collection[str], mentioned: Collection[str] = ()) -> Reach:
        """Which of the wanted Python files env.py or a revision imports, directly or not.

        ``mentioned`` are data files: one counts as reached when a reached file speaks its name.
        """
        if not wanted and not mentioned:
            return Reach(frozenset(), certain=True)
        names = {path: path.rpartition("/")[2] for path in mentioned}
        seeds = [self._environment.env_py, *revision_files(self._view, self._environment)]
        certain = True
        if self._environment.kind == "flask":
            applications = self._applications()
            certain = bool(applications)
            seeds[1:1] = applications
        level = [path for path in seeds if path in self._view.paths]
        seen = set(level)
        found = seen & set(wanted)
        read = 0
        while level and len(found) < len(wanted) + len(names):
            read += len(level)
            if read > LIMIT_FILES:
                return Reach(frozenset(found), certain=False)
            prefetch(self._view, level)
            following: set[str] = set()
            for path in level:
                text = (self._view.read(path) or b"").decode("utf-8", "replace")
                found.update(data for data, name in names.items() if name in text)
                following.update(self._targets(path, text))
            level = sorted(following - seen)
            seen |= following
            found |= following & set(wanted)
        return Reach(frozenset(found), certain)

    def _applications(self) -> list[str]:
        """Where a Flask application may be made: env.py only asks for the current one."""
        place = self._environment.workdir
        return sorted(
            path
            for path in self._view.paths
            if path.rpartition("/")[2] in _APPLICATIONS
            and inside(path, place)
            and path[len(place) :].strip("/").count("/") <= 1
        )

    def _targets(self, path: str, text: str) -> Iterator[str]:
        for item in imports(text):
            yield from self._resolve(item, path)
        names = [match[1] for match in _BY_NAME.finditer(text)]
        folder = bool(_BY_FOLDER.search(text))
        if names or folder:
            for match in _DOTTED.finditer(text):
                module = match[1].lstrip(".")
                level = len(match[1]) - len(module)
                yield from self._resolve(Import(module, level, ("*",) if folder else ()), path)
        if folder or any(first not in "'\"" for first in names):
            home = parent(path)  # whatever lies beside it may be imported
            yield from (item for item in self._view.paths if _is_module(item, home))

    def _resolve(self, item: Import, importer: str) -> Iterator[str]:
        parts = item.module.split(".") if item.module else []
        if item.level:
            root = parent(importer)
            for _ in range(item.level - 1):
                root = parent(root)
            yield from self._modules(root, parts, item.names)
            return
        for root in self._roots_of(parts[0] if parts else "", parent(importer)):
            yield from self._modules(root, parts, item.names)

    def _roots_of(self, name: str, near: str) -> tuple[str, ...]:
        """The folders from which a top-level name resolves: sys.path's, else the nearest."""
        key = (name, near)
        if key not in self._roots:
            places = [
                root
                for root in self._environment.sys_path
                if f"{root}/{name}.py".lstrip("/") in self._view.paths
                or f"{root}/{name}".lstrip("/") in self._folders.all
            ]
            nearest = self._folders.module_root(name, near) if name and not places else None
            self._roots[key] = tuple(places) if nearest is None else (nearest,)
        return self._roots[key]

    def _modules(self, root: str, parts: list[str], names: Iterable[str]) -> Iterator[str]:
        """The files that are run when the module is imported from that root."""
        path = root
        for part in parts:
            path = f"{path}/{part}".lstrip("/")
            yield from self._present(path)
        for name in names:
            if name == "*":
                beside = self._folders.files.get(path, ()) if path != root else ()
                yield from (item for item in beside if item.endswith(".py"))
            else:
                yield from self._present(f"{path}/{name}".lstrip("/"))

    def _present(self, module: str) -> Iterator[str]:
        for path in (f"{module}.py", f"{module}/__init__.py"):
            if path in self._view.paths:
                yield path


def _is_module(path: str, folder: str) -> bool:
    return path.endswith(".py") and inside(path, folder)
