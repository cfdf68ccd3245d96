"""What is asked of the observation of one project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.observe.consulted import Consultation
from bot.observe.interpreters import Tree, Wanted
from bot.observe.rows import RowsOptions
from bot.observe.stated import Stated


@dataclass(frozen=True)
class Case:
    """One project to observe, and which paths the change touches.

    ``types`` says whether somebody asks for the models' types: what takes long is looked at for
    nobody else. With a ``consultation`` its questions alone are answered: the change is upgraded
    once, and nothing else is tried.
    """

    wanted: Wanted
    base: Tree
    head: Tree
    changed: frozenset[str]
    base_moved: frozenset[str]
    extensions: tuple[str, ...] = ()
    rows: RowsOptions = RowsOptions(rows=0)
    types: Callable[[], bool] = lambda: False
    stated: Stated = Stated()
    consultation: Consultation | None = None

    @property
    def code_changed(self) -> bool:
        """Whether Python files besides revisions are among ``changed``: base's models are asked."""
        return self.consultation is None and any(
            path.endswith(".py") and not self.wanted.head.holds(path) for path in self.changed
        )
