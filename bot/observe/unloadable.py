"""Revision files that could not be loaded: what their source says, and whose fault it is."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.facts import Chain, Unloadable
from bot.projects.changed import Read
from bot.projects.revision_source import read_revision

INSTALL = (
    "Install the project's dependencies into .venv in the checkout, or say with the `install`"
    " setting by which command they are installed, then run the check again."
)
_ENTRIES = 2_000  # of one folder
_OTHERS = frozenset({"alembic", "sqlalchemy", "tests", "setup", *sys.stdlib_module_names})
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_MODULE = re.compile(
    r"No module named '([\w.]+)'"
    r"|cannot import name '[^']*' from (?:partially initialized module )?'([\w.]+)'"
)


@dataclass(frozen=True)
class Packages:
    """Where modules of the target's own lie: both trees, and their folders on ``sys.path``."""

    base: Path
    head: Path
    folders: tuple[str, ...]

    def lacking(self, *, complete: bool) -> Callable[[str], bool]:
        """What tells whether a module may be absent by the fault of this machine's packages alone.

        ``complete``: everything that the project declares is installed.
        """
        places = [tree / item for tree in (self.base, self.head) for item in {"", *self.folders}]

        def lacks(module: str) -> bool:
            top = module.partition(".")[0]
            own = any((place / top).exists() or (place / f"{top}.py").exists() for place in places)
            return not complete and not own

        return lacks

    def application(self) -> tuple[str, ...]:
        """The top-level modules of the merged tree, sorted; a name of Python's own is Python's."""
        found: set[str] = set()
        for place in {self.head / item for item in ("", "src", *self.folders)}:
            for path in sorted(place.iterdir())[:_ENTRIES] if place.is_dir() else ():
                if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py"))):
                    found.add(path.stem)
        return tuple(sorted(name for name in found - _OTHERS if name.isidentifier()))


def described(
    chain: Chain,
    read: Read,
    lacking: Callable[[str], bool],
    base: Chain | None = None,
    stand_ins: Sequence[str] = (),
) -> Chain:
    """The chain with what the source of each unloadable file says of its place in the graph.

    ``lacking`` tells of a module whether it may be missing by the fault of this machine's
    packages alone. A file that misses one on ``base`` as well is not the change's fault either; nor
    is what Python raised, but for its syntax, where something stood in for a module.
    """
    if not chain.unloadable:
        return chain
    before = {item.path: _module(item) for item in base.unloadable} if base else {}
    loaded = {item.path for item in base.revisions} if base else set()

    def told(item: Unloadable) -> Unloadable:
        source = read_revision(read(item.path) or b"")
        module = _module(item)
        theirs = module is not None and (
            before.get(item.path) == module or (item.path not in loaded and lacking(module))
        )
        missing = module if theirs else None
        if missing is None and stand_ins and not item.error.startswith(_SYNTAX):
            missing = stand_ins[0]
        itself = source.revision in source.down_revision  # why Alembic refused it: at this line
        return replace(
            item,
            line=source.anchors.down_revision if itself else item.line,
            revision=source.revision,
            down_revision=source.down_revision,
            missing=missing,
        )

    return replace(chain, unloadable=tuple(told(item) for item in chain.unloadable))


def _module(item: Unloadable) -> str | None:
    found = _MODULE.search(item.error)
    return found[1] or found[2] if found else None


def why_not_in_order(chain: Chain, problem: str) -> str:
    """The reason why the graph has no order, where a file that could not be loaded is one."""
    files = [item for item in chain.unloadable if item.revision and item.revision in problem]
    if not files:
        return problem
    error = files[0].error.strip().partition("\n")[0]
    return f"{files[0].path}, which others follow, could not be loaded: {error}"


def without_modules(chain: Chain) -> str | None:
    """Why the chain cannot be run here: files that want modules which are not installed."""
    files = [item for item in chain.unloadable if item.missing]
    if not files:
        return None
    modules = ", ".join(sorted({str(item.missing) for item in files})[:5])
    several = f"{len(files)} revision files (first {files[0].path})" if files[1:] else files[0].path
    return (
        f"{several} cannot be loaded here: not installed, or not as declared, are the modules they"
        f" import ({modules})"
    )
