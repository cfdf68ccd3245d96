"""Load every revision file on its own, and tell what the graph is."""

from __future__ import annotations

import os
import re
import warnings
from typing import TYPE_CHECKING, Any, Callable

from alembic.script.base import Script

from . import failures, lines
from .graph import graph_error

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

    from .lines import Tree
    from .notes import Notes

MAX_DOC = 4_000  # characters of one docstring
MAX_DOCS = 2_000_000  # of all docstrings
MAX_ERROR = 2_000
MAX_NAME = 500
_PASSED_OVER = (".#", "__init__")  # names beginning so are none of revisions: alembic.script.base
MAX_REPLACED = 1_000  # revisions that one revision replaces


class Loader:
    """Takes the place of Alembic's own loading of one file.

    A file that raises is remembered with its line and does not hide the others. ``scripts`` are
    all that loaded, ``unloadable`` the rest. Files are executed once, whoever asks how often.
    ``ask`` is called with the exception first; it may raise to end this attempt.
    """

    def __init__(
        self, tree: Tree, notes: Notes, skip: dict[str, str], ask: Callable[[BaseException], None]
    ) -> None:
        self.tree = tree
        self.scripts: list[Script] = []
        self.unloadable: list[dict[str, Any]] = []
        self._notes = notes
        self._skip = skip
        self._ask = ask
        self._loaded: dict[str, Script | None] = {}

    def install(self) -> None:
        """Replace the class method, whatever its name in this version of Alembic."""
        load = self._load
        patched: Any = Script  # what follows takes the place of methods
        if hasattr(Script, "_from_filename"):  # up to Alembic 1.15; its _from_path calls this one
            original = patched._from_filename.__func__

            def from_filename(cls: Any, scriptdir: Any, dir_: str, filename: str) -> Any:
                path = os.path.join(dir_, filename)
                return load(path, lambda: original(cls, scriptdir, dir_, filename))

            patched._from_filename = classmethod(from_filename)
        else:
            original = patched._from_path.__func__

            def from_path(cls: Any, scriptdir: Any, path: str) -> Any:
                return load(os.fspath(path), lambda: original(cls, scriptdir, path))

            patched._from_path = classmethod(from_path)

    def took(self, path: str) -> bool:
        """Whether Alembic had that file loaded."""
        return os.path.realpath(path) in self._loaded

    def _load(self, path: str, original: Callable[[], Script | None]) -> Script | None:
        key = os.path.realpath(path)
        if key not in self._loaded:
            self._loaded[key] = self._execute(path, original)
        return self._loaded[key]

    def _execute(self, path: str, original: Callable[[], Script | None]) -> Script | None:
        relative = self.tree.relative(path) or path
        if relative in self._skip:
            self._cannot(relative, 1, self._skip[relative])
            return None
        if path.endswith(".py"):
            self._notes.write(stage="load", path=relative)
        try:
            script = original()
        except Exception as error:
            self._ask(error)
            self._cannot(relative, *_at_fault(error, relative, self.tree))
            return None
        except SystemExit as error:
            self._cannot(relative, *_at_fault(error, relative, self.tree))
            return None
        if script is not None:
            self.scripts.append(script)
        return script

    def _cannot(self, path: str, line: int, error: str) -> None:
        self.unloadable.append({"path": path, "line": line, "error": error[:MAX_ERROR]})


def _at_fault(error: BaseException, path: str, tree: Tree) -> tuple[int, str]:
    """(line, message) for an exception of loading that file."""
    text = failures.words(error).strip()
    if "Could not determine revision id" in text:
        return 1, "there is no `revision` variable"
    missing = re.match(r"module .* has no attribute '(down_revision)'", text)
    if missing:
        return 1, "there is no `down_revision` variable"
    message = f"{type(error).__name__}: {getattr(error, 'msg', None) or text}"
    if isinstance(error, SyntaxError) and tree.relative(error.filename) == path:
        return error.lineno or 1, message
    for item in failures.chain(error):
        for where, line in reversed(lines.raised(item, tree)):
            if where == path:
                return line, message
    return 1, message


def read_chain(script: ScriptDirectory, loader: Loader) -> dict[str, Any]:
    """Load all files and describe the graph: the ``chain`` of the protocol's answer."""
    problem = None
    heads: tuple[str, ...] = ()
    real_heads: tuple[str, ...] = ()
    order: dict[str, int] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing and double revisions are reported, not warned of
        try:
            revision_map = script.revision_map
            heads = tuple(revision_map.heads)
            real_heads = tuple(getattr(revision_map, "_real_heads", heads))
            walked = reversed(list(script.walk_revisions("base", "heads")))
            order = {item.revision: index for index, item in enumerate(walked)}
        except Exception as error:
            problem = {"kind": "other", "message": _words(error), "revisions": []}
        else:
            if any(item.revision not in order for item in loader.scripts):  # Alembic 1.4 is silent
                problem = {"kind": "cycle", "message": "revisions form a cycle", "revisions": []}
    described = [_describe(item, loader.tree) for item in loader.scripts]
    described.sort(key=lambda item: order.get(item["revision"], -1))
    _shorten(described)
    return {
        "revisions": described,
        "heads": sorted(heads),
        "real_heads": sorted(real_heads),
        "unloadable": loader.unloadable,
        "unloaded": _unloaded(script, loader),
        "graph_error": graph_error(described, problem),
    }


def _words(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"revision {error.args[0]!r} is not present"
    return failures.words(error)[:MAX_ERROR] or type(error).__name__


def _describe(script: Script, tree: Tree) -> dict[str, Any]:
    doc = script.longdoc if isinstance(script.longdoc, str) else ""
    return {
        "revision": str(script.revision),
        "path": tree.relative(script.path) or script.path,
        "down_revision": _names(script.down_revision),
        "depends_on": _names(script.dependencies),
        "branch_labels": sorted(str(item) for item in script._orig_branch_labels or ()),
        "replaces": _replaced(script.module),
        "message": doc.partition("\n")[0][:500],
        "doc": doc[:MAX_DOC],
    }


def _replaced(module: Any) -> list[str]:
    """The revisions that a squashed one names in a variable of its own, ``replaces``."""
    value = getattr(module, "replaces", None)
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple, set, frozenset)):
        return []
    return sorted({item[:MAX_NAME] for item in names if isinstance(item, str)})[:MAX_REPLACED]


def _names(value: Any) -> list[str]:
    """Alembic keeps None, one name or a sequence of names."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value]


def _shorten(described: list[dict[str, Any]]) -> None:
    total = 0
    for item in described:
        total += len(item["doc"])
        if total > MAX_DOCS:
            item["doc"] = ""


def _unloaded(script: Any, loader: Loader) -> list[str]:
    """Python files in and below a versions folder that Alembic does not look at."""
    if getattr(script, "recursive_version_locations", False):
        return []
    found: list[str | None] = []
    for location in script._version_locations:
        for root, folders, files in os.walk(str(location)):
            folders[:] = [name for name in folders if name != "__pycache__"]
            names = [name for name in files if name.endswith(".py") and name != "__init__.py"]
            paths = [os.path.join(root, name) for name in names]
            if os.path.samefile(root, str(location)):  # Alembic asks for all and passes over some
                passed = [name.startswith(_PASSED_OVER) for name in names]
            else:
                passed = [not loader.took(path) for path in paths]
            found += [loader.tree.relative(path) for path, so in zip(paths, passed) if so]
    return sorted(path for path in found if path)[:1000]
