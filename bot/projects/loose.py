"""The changed files outside of every environment's folders: which are models, which are reached."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from bot.projects.environment import Environment
from bot.projects.imports import ImportGraph, Reach
from bot.projects.locations import Folders
from bot.projects.mapping import holds_mapping
from bot.projects.syntax import imports
from bot.projects.tree import TreeView, prefetch, suffix

_TEST = re.compile(r"(?:^|/)(?:tests?|testing)/|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")
_SQLALCHEMY = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy"})
# what a program may read settings or seed rows from, and what only other tools read
_DATA = frozenset({".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".conf", ".csv", ".tsv"})
_TOOLS = re.compile(
    r"(?:^|/)(?:\.[^/]*|package(?:-lock)?\.json|tsconfig[^/]*\.json|pyproject\.toml|mkdocs\.yml"
    r"|(?:docker-)?compose[^/]*\.ya?ml|renovate\.json|tox\.ini|setup\.cfg|pytest\.ini|mypy\.ini)$"
)


def is_test(path: str) -> bool:
    """Whether the file is a test or belongs to tests, by its name."""
    return _TEST.search(path) is not None


def _uses_sqlalchemy(source: bytes | None) -> bool:
    if source is None or not any(word.encode() in source for word in _SQLALCHEMY):
        return False
    text = source.decode("utf-8", "replace")
    return any(item.module.partition(".")[0] in _SQLALCHEMY for item in imports(text))


class LooseFiles:
    """Changed files of two trees that no environment holds.

    ``code`` are the Python files, ``data`` those a program may read settings or rows from.
    """

    def __init__(
        self,
        paths: Iterable[str],
        base: tuple[TreeView, tuple[Environment, ...]],
        merged: tuple[TreeView, tuple[Environment, ...]],
    ) -> None:
        self._base, self._merged = base, merged
        paths = frozenset(path for path in paths if not path.startswith(".github/"))
        self.code = frozenset(path for path in paths if path.endswith(".py"))
        self.data = frozenset(
            path for path in paths if suffix(path) in _DATA and not _TOOLS.search(path)
        )

    @property
    def untested(self) -> tuple[str, ...]:
        """The Python files that are no tests, sorted."""
        return tuple(sorted(path for path in self.code if not _TEST.search(path)))

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Those that map classes to tables on either side, sorted."""
        views = (self._base[0], self._merged[0])
        for view in views:
            prefetch(view, self.untested)
        return tuple(
            path
            for path in self.untested
            if any(holds_mapping(source) for view in views if (source := view.read(path)))
        )

    @cached_property
    def data_layer(self) -> tuple[str, ...]:
        """Those of the merged tree that import SQLAlchemy or what stands on it, sorted."""
        view = self._merged[0]
        return tuple(path for path in self.untested if _uses_sqlalchemy(view.read(path)))

    @cached_property
    def reached(self) -> dict[str, Reach]:
        """For each environment, by name, which of the files it reaches.

        A file of the merged tree is looked for there alone: where its import was taken away, the
        importer changed, too. Files that the merged tree no longer has are looked for at base.
        """
        found: dict[str, Reach] = {}
        (base, old), (merged, new) = self._base, self._merged
        gone = (self.code | self.data) - set(merged.paths)
        for view, environments, among in (
            (merged, new, self.code | self.data),
            (base, old, gone),
        ):
            folders = Folders(view)
            for item in environments:
                graph = ImportGraph(view, folders, item)
                reach = graph.reach(
                    self._present(self.code & among, view), self._present(self.data & among, view)
                )
                if item.name in found:
                    before = found[item.name]
                    reach = Reach(before.files | reach.files, before.certain and reach.certain)
                found[item.name] = reach
        return found

    def _present(self, paths: frozenset[str], view: TreeView) -> frozenset[str]:
        return frozenset(path for path in paths if path in view.paths)

    @cached_property
    def stray_models(self) -> tuple[str, ...]:
        """Models that no environment is seen to reach, sorted; any may be theirs."""
        if not self.models:
            return ()
        reached: set[str] = set().union(*(reach.files for reach in self.reached.values()))
        return tuple(path for path in self.models if path not in reached)
