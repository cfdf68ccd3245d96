"""The interpreters of one project: one process for both trees where they declare the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.clock import Clock
from bot.observe.child import Probe, Session
from bot.observe.install import Interpreter, Workplace, choose_interpreter
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox
from bot.projects import Environment, InstallPlan
from bot.projects.changed import Read

_INSTALL_SECONDS = 400.0  # at most, of the whole run's time


@dataclass(frozen=True)
class Tree:
    """One exported tree: where it lies, how to read its files, how to install what it declares."""

    path: Path
    read: Read
    plan: Callable[[Environment], InstallPlan]


@dataclass(frozen=True)
class Wanted:
    """One project to observe: its environment in the merged tree, and in base's if it is there."""

    head: Environment
    base: Environment | None


@dataclass(frozen=True)
class Starter:
    """How interpreters are chosen and started; all effects and limits in one place."""

    room: Room
    sandbox: Sandbox
    clock: Clock
    checkout: Path
    packages: Path
    install: str
    environment: Mapping[str, str]
    environ: Mapping[str, str]
    progress: Callable[[str], None]
    trees: tuple[Path, ...] = field(default=())

    def choose(self, environment: Environment, tree: Tree) -> Interpreter:
        """The interpreter for one tree, installed where that is needed.

        Raises:
            InstallError: it cannot be had as asked.
        """
        with self.clock.timing("install"):
            place = Workplace(
                self.checkout,
                tree.path,
                self.packages,
                self.environ,
                self.sandbox,
                min(_INSTALL_SECONDS, self.clock.remaining()),
                self.progress,
            )
            return choose_interpreter(tree.plan(environment), self.install, place)

    def start(self, chosen: Interpreter, sessions: int) -> Probe:
        """Start it; it imports Alembic while the caller goes on."""
        return Probe.start(
            chosen,
            sessions,
            self.sandbox,
            self.room,
            writable=self.trees,  # applications make folders for logs or uploads when imported
            environment=self.environment,
        )


class Interpreters:
    """Sessions for both trees of a project. A context manager that ends them all."""

    def __init__(
        self, starter: Starter, wanted: Wanted, base: Tree, head: Tree, *, with_base: bool
    ) -> None:
        self._starter = starter
        self._wanted = wanted
        self._base_tree = base
        self._stack = ExitStack()
        self._base: Session | None = None
        self.notes: list[str] = []
        self.complete = True  # what the project declares is all there
        chosen = self._chosen(wanted.head, head)
        theirs = None
        if with_base and wanted.base is not None:
            theirs = self._chosen(wanted.base, base)
        if theirs is not None and theirs.key == chosen.key:
            self._base, self.head = self._start(chosen, 2)
            return
        if theirs is not None:
            (self._base,) = self._start(theirs, 1)
        (self.head,) = self._start(chosen, 1)

    @property
    def base(self) -> Session:
        """The session for base's tree, started now if it was not thought to be needed."""
        if self._base is None:
            if self._wanted.base is None:
                raise LookupError("base has no such environment")
            (self._base,) = self._start(self._chosen(self._wanted.base, self._base_tree), 1)
        return self._base

    def _chosen(self, environment: Environment, tree: Tree) -> Interpreter:
        chosen = self._starter.choose(environment, tree)
        self.complete &= chosen.complete
        if chosen.note and chosen.note not in self.notes:
            self.notes.append(chosen.note)
        return chosen

    def _start(self, chosen: Interpreter, sessions: int) -> tuple[Session, ...]:
        return self._stack.enter_context(self._starter.start(chosen, sessions)).sessions

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
