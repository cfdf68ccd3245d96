"""Which line of which file of the tree is running."""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Any, List, Tuple

Place = Tuple[str, int]  # a path of the tree and a line in it

_MIGRATION = os.path.join("alembic", "runtime", "migration.py")


class Tree:
    """The exported repository: turns absolute file names into its own relative paths."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._known: dict[str | None, str | None] = {}

    def relative(self, filename: str | None) -> str | None:
        """The path relative to the tree, with slashes; None for a file outside of it."""
        if filename not in self._known:
            self._known[filename] = self._relative(filename)
        return self._known[filename]

    def _relative(self, filename: str | None) -> str | None:
        if not filename or filename.startswith("<"):
            return None
        try:
            real = os.path.realpath(filename)
        except ValueError:  # a null character: the name of compiled text, not of a file
            return None
        if not real.startswith(self.root + os.sep):
            return None
        path = os.path.relpath(real, self.root).replace(os.sep, "/")
        if "/site-packages/" in path or path.startswith((".venv/", "venv/")):
            return None
        return path

    def absolute(self, path: str) -> str:
        """The absolute name of a path of the tree."""
        return os.path.normpath(os.path.join(self.root, path))


def calling(tree: Tree, revision_path: str | None) -> tuple[str | None, int]:
    """(path, line) of the innermost frame in the revision's file, else in another file of the tree.

    (revision_path, 0) when there is none below Alembic's own call of the revision's function.
    """
    frame: FrameType | None = sys._getframe(1)
    other = None
    while frame is not None:
        name = frame.f_code.co_filename
        path = tree.relative(name)
        if path is not None and path == revision_path:
            return path, frame.f_lineno
        if path is not None and other is None:
            other = path, frame.f_lineno
        if name.endswith(_MIGRATION) and frame.f_code.co_name == "run_migrations":
            break
        frame = frame.f_back
    return other or (revision_path, 0)


def sending(tree: Tree) -> Place | None:
    """(path, line) in the file of the tree that sends a statement, None when Alembic sends it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        path = tree.relative(name)
        if path is not None:
            return path, frame.f_lineno
        if os.sep + "alembic" + os.sep in name:
            return None
        frame = frame.f_back
    return None


def raised(error: BaseException, tree: Tree) -> list[Place]:
    """Frames of an exception's traceback that lie in the tree: [(path, line)], innermost last."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        path = tree.relative(trace.tb_frame.f_code.co_filename)
        if path is not None:
            found.append((path, trace.tb_lineno))
        trace = trace.tb_next
    return found


def passed(error: BaseException, function: str, filename: str) -> bool:
    """Whether the exception came through that function of a file with that ending."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == function and code.co_filename.endswith(filename):
            return True
        trace = trace.tb_next
    return False


class Batch:
    """Lines of the operations inside ``op.batch_alter_table``, which all run when its block ends.

    ``current`` is the (path, line) where the operation that runs now was recorded, None outside.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.revision_path: str | None = None
        self.current: tuple[str | None, int] | None = None

    def install(self) -> None:
        """Have Alembic's recording list remember lines (``alembic.operations.batch``)."""
        from alembic.operations import batch

        patched: Any = batch.BatchOperationsImpl  # what follows takes the place of its method
        original = patched.__init__
        lines = self

        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            self.batch = _Recorded(lines)

        patched.__init__ = init


class _Recorded(List[Any]):
    def __init__(self, lines: Batch) -> None:
        super().__init__()
        self.lines = lines
        self.where: list[tuple[str | None, int]] = []

    def append(self, item: Any) -> None:
        self.where.append(calling(self.lines.tree, self.lines.revision_path))
        super().append(item)

    def __iter__(self) -> _Walk:
        return _Walk(self)


class _Walk:
    """Not a generator: after an operation has failed the line must stay for the report."""

    def __init__(self, recorded: _Recorded) -> None:
        self.recorded = recorded
        self.items = list(list.__iter__(recorded))
        self.index = 0

    def __iter__(self) -> _Walk:
        return self

    def __next__(self) -> Any:
        if self.index >= len(self.items):
            self.recorded.lines.current = None
            raise StopIteration
        if self.index < len(self.recorded.where):
            self.recorded.lines.current = self.recorded.where[self.index]
        self.index += 1
        return self.items[self.index - 1]
