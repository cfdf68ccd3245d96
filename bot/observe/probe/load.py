"""Load every revision file on its own, and tell what the graph is."""

from __future__ import annotations

import os
import re
import warnings

from alembic.script.base import Script

from . import failures, lines

MAX_DOC = 4_000  # characters of one docstring
MAX_DOCS = 2_000_000  # of all docstrings
MAX_ERROR = 2_000


class Loader:
    """Takes the place of Alembic's own loading of one file (``Script._from_path``).

    A file that raises is remembered with its line and does not hide the others. ``scripts`` are all
    that loaded, ``unloadable`` the rest. Files are executed once, whoever asks how often.
    ``ask`` is called with the exception first; it may raise to end this attempt (a missing setting).
    """

    def __init__(self, tree, notes, skip, ask):
        self.tree = tree
        self.scripts = []
        self.unloadable = []
        self._notes = notes
        self._skip = skip
        self._ask = ask
        self._loaded = {}

    def install(self):
        """Replace the class method, whatever its name in this version of Alembic."""
        load = self._load
        if hasattr(Script, "_from_filename"):  # up to Alembic 1.15; its _from_path calls this one
            original = Script._from_filename.__func__

            def from_filename(cls, scriptdir, dir_, filename):
                path = os.path.join(dir_, filename)
                return load(path, lambda: original(cls, scriptdir, dir_, filename))

            Script._from_filename = classmethod(from_filename)
        else:
            original = Script._from_path.__func__

            def from_path(cls, scriptdir, path):
                return load(os.fspath(path), lambda: original(cls, scriptdir, path))

            Script._from_path = classmethod(from_path)

    def _load(self, path, original):
        key = os.path.realpath(path)
        if key not in self._loaded:
            self._loaded[key] = self._execute(path, original)
        return self._loaded[key]

    def _execute(self, path, original):
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

    def _cannot(self, path, line, error):
        self.unloadable.append({"path": path, "line": line, "error": error[:MAX_ERROR]})


def _at_fault(error, path, tree):
    """(line, message) for an exception of loading that file."""
    text = str(error).strip()
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


def read_chain(script, loader):
    """Load all files and describe the graph: the ``chain`` of the protocol's answer."""
    problem = None
    heads = real_heads = ()
    order = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing and double revisions are reported, not warned of
        try:
            revision_map = script.revision_map
            heads = tuple(revision_map.heads)
            real_heads = tuple(getattr(revision_map, "_real_heads", heads))
            walked = reversed(list(script.walk_revisions("base", "heads")))
            order = {item.revision: index for index, item in enumerate(walked)}
            if any(item.revision not in order for item in loader.scripts):
                raise ValueError("Cycle is detected in revisions")  # Alembic 1.4 does not notice
        except Exception as error:
            problem = {"kind": "other", "message": _words(error), "revisions": []}
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


def _words(error):
    if isinstance(error, KeyError):
        return f"revision {error.args[0]!r} is not present"
    return str(error)[:MAX_ERROR] or type(error).__name__


def _describe(script, tree):
    doc = script.longdoc if isinstance(script.longdoc, str) else ""
    return {
        "revision": str(script.revision),
        "path": tree.relative(script.path) or script.path,
        "down_revision": _names(script.down_revision),
        "depends_on": _names(script.dependencies),
        "branch_labels": sorted(str(item) for item in script._orig_branch_labels or ()),
        "message": doc.partition("\n")[0][:500],
        "doc": doc[:MAX_DOC],
    }


def _names(value):
    """Alembic keeps None, one name or a sequence of names."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value]


def _shorten(described):
    total = 0
    for item in described:
        total += len(item["doc"])
        if total > MAX_DOCS:
            item["doc"] = ""


def graph_error(described, problem):
    """What is wrong with the graph, by our own look at it; ``problem`` is Alembic's own complaint."""
    ids = [item["revision"] for item in described]
    names = set(ids).union(*(item["branch_labels"] for item in described))
    absent = sorted(
        {parent for item in described for parent in item["down_revision"] if parent not in names}
        | {
            parent
            for item in described
            for parent in item["depends_on"]
            if not any(name.startswith(parent.rpartition("@")[2]) for name in names)
        }
    )
    if problem is not None and absent:
        quoted = ", ".join(absent)
        return {
            "kind": "missing",
            "message": f"no file has the revision {quoted}",
            "revisions": absent,
        }
    if problem is not None:
        if "ycle" in problem["message"] or "loop" in problem["message"]:
            problem = dict(problem, kind="cycle", revisions=_cycle(described))
        return problem
    double = (
        sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    )
    if double:
        message = f"several files have the revision {', '.join(double)}"
        return {"kind": "duplicate", "message": message, "revisions": double}
    return None


def _cycle(described):
    """Revisions that are left when those without (remaining) parents or children are taken away."""
    known = {item["revision"] for item in described}
    parents = {
        item["revision"]: known.intersection(item["down_revision"] + item["depends_on"])
        for item in described
    }
    for _ in range(2):  # once from the bases up, then from the heads down
        children = {name: set() for name in parents}
        for name, above in parents.items():
            for parent in above:
                children[parent].add(name)
        free = [name for name, above in parents.items() if not above]
        while free:
            name = free.pop()
            del parents[name]
            for child in children[name]:
                parents[child].discard(name)
                if not parents[child]:
                    free.append(child)
        parents = {name: children[name] & set(parents) for name in parents}
    return sorted(parents)


def _unloaded(script, loader):
    """Python files below a versions folder that Alembic does not look at."""
    if getattr(script, "recursive_version_locations", False):
        return []
    found = []
    for location in script._version_locations:
        for root, folders, files in os.walk(str(location)):
            folders[:] = [name for name in folders if name != "__pycache__"]
            if os.path.samefile(root, str(location)):
                continue
            for name in files:
                if name.endswith(".py") and name != "__init__.py":
                    found.append(loader.tree.relative(os.path.join(root, name)))
    return sorted(path for path in found if path)[:1000]
