"""The project's own type checker on changed model files of both trees: what is new in head's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.facts import Project
from bot.facts.type_check import Checker, TypeComplaint
from bot.observe.inspected import NotInspected, TypesAnswer
from bot.observe.interpreters import Interpreters
from bot.observe.session import Session
from bot.observe.unseen import Unseen
from bot.projects.loose import is_test
from bot.projects.mapping import holds_mapping
from bot.projects.type_checker import type_checkers

if TYPE_CHECKING:
    from bot.observe.case import Case

_INSTALL = (
    "Declare {} among the project's dependencies of development, and install them for the check"
    " (setting `install`); or leave the pack `typing` out and run the checker in a step of its own."
)


@dataclass(frozen=True)
class TypeCheck:
    """Asks both sessions; ``open_base`` opens base's and gives None where that cannot be had."""

    interpreters: Interpreters
    open_base: Callable[[], object]
    case: Case
    remaining: Callable[[], float]
    unseen: Unseen

    def look(self, project: Project, changed: Collection[str]) -> Project:
        """The project with what the checker says of changed model files and did not say before."""
        environment, read = self.case.wanted.head, self.case.head.read
        held = environment.script_location
        paths = [
            path
            for path in sorted(changed)
            if path.endswith(".py")
            and not (is_test(path) or (held and path.startswith(f"{held}/")))
            and holds_mapping(read(path) or b"")
        ]
        if not paths:
            return project
        checker, folder = next(iter(type_checkers(read, environment.workdir)), (None, ""))
        if checker is None:
            self._unseen("the project configures no type checker")
            return project
        try:
            found = self._new(paths, folder, checker)
        except NotInspected as error:
            self._unseen(error.failure.message, checker)
            return project
        return replace(project, type_errors=found)

    def _new(self, paths: list[str], folder: str, checker: Checker) -> tuple[TypeComplaint, ...]:
        """Head's errors without those that base has likewise, wherever they stand in it."""
        there = [path for path in paths if self.case.base.read(path) is not None]
        base = self.interpreters.base if there and self.open_base() else None
        if there and base is None:
            why = "base's own env.py does not run, so its errors cannot be told from new ones"
            self._unseen(why, checker)
            return ()
        with ThreadPoolExecutor(1) as pool:
            before = pool.submit(self._ask, base, there, folder, checker) if base else None
            now = self._ask(self.interpreters.head, paths, folder, checker)
            old = before.result() if before else ()
        if now is None or old is None:
            return ()
        known = Counter((item.path, item.message, item.code) for item in old)
        found = []
        for item in now:
            key = (item.path, item.message, item.code)
            if known[key] > 0:
                known[key] -= 1
            else:
                found.append(item)
        return tuple(found)

    def _ask(
        self, session: Session, paths: list[str], folder: str, checker: Checker
    ) -> tuple[TypeComplaint, ...] | None:
        answer = session.inspect(
            "types",
            TypesAnswer,
            deadline=self.remaining(),
            paths=tuple(paths),
            folder=folder,
            checker=checker,
        )
        problem, found = answer.checked()
        if problem is not None:
            self._unseen(problem, checker)
            return None
        return tuple(replace(item, checker=checker) for item in found)

    def _unseen(self, why: str, checker: Checker = "mypy") -> None:
        self.unseen.minor("the types of changed model files", why, _INSTALL.format(checker))
