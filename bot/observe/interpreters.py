"""The interpreters of one project: one process for both trees where they declare the same."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.clock import Clock
from bot.facts import Failure
from bot.observe.child import Session
from bot.observe.facilities import Running, StartProbe
from bot.observe.install import choose_interpreter
from bot.observe.interpreter import Interpreter, Workplace
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox
from bot.projects import Environment, InstallPlan
from bot.projects.changed import Read

_INSTALL_SECONDS = 400.0  # at most, of the whole run's time
_INSTALL_SHARE = 0.5  # of what is left of it: base may declare others, and something is to run


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
    probe: StartProbe

    def choose(self, environment: Environment, tree: Tree) -> Interpreter:
        """The interpreter for one tree, installed where that is needed; not yet the child's tree.

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
                install_seconds(self.clock.remaining()),
                self.progress,
            )
            return choose_interpreter(tree.plan(environment), self.install, place)

    def start(self, chosen: Interpreter, sandbox: Sandbox, trees: Sequence[Tree]) -> Running:
        """Start it with a session for each tree; it imports Alembic while the caller goes on."""
        return self.probe(
            chosen,
            len(trees),
            sandbox,
            self.room,
            writable=[tree.path for tree in trees],
            environment=self.environment,
        )


def install_seconds(left: float) -> float:
    """How long an installation may take where the whole run has ``left`` seconds."""
    return min(_INSTALL_SECONDS, left * _INSTALL_SHARE)


class Interpreters:
    """Sessions for both trees of a project. A context manager that ends them all.

    Each tree is its session's to write to: applications make folders for logs or uploads when they
    are imported. But base's stays ours where both share an interpreter and so a user: head's code
    could write into it what base then seems to hold.
    """

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
        starter.sandbox.hand_over(head.path)
        if theirs is not None and theirs.key == chosen.key:
            self._base, self.head = self._start(chosen, starter.sandbox, (base, head))
            return
        if theirs is not None:
            self._base = self._apart(theirs)
        (self.head,) = self._start(chosen, starter.sandbox, (head,))

    @property
    def base(self) -> Session:
        """The session for base's tree, started now if it was not thought to be needed."""
        if self._base is None:
            if self._wanted.base is None:
                raise LookupError("base has no such environment")
            self._base = self._apart(self._chosen(self._wanted.base, self._base_tree))
        return self._base

    def hand_over_base(self, failure: Failure | None) -> bool:
        """Let base's code write to its tree all the same if that is what it failed for."""
        refused = failure is not None and os.strerror(errno.EACCES) in failure.message
        if refused:
            self._starter.sandbox.hand_over(self._base_tree.path)
        return refused

    def _apart(self, chosen: Interpreter) -> Session:
        """Base's session in an interpreter of another user, out of head's reach."""
        sandbox = self._starter.sandbox.another("base")
        sandbox.hand_over(self._base_tree.path)
        (session,) = self._start(chosen, sandbox, (self._base_tree,))
        return session

    def _chosen(self, environment: Environment, tree: Tree) -> Interpreter:
        chosen = self._starter.choose(environment, tree)
        self.complete &= chosen.complete
        if chosen.note and chosen.note not in self.notes:
            self.notes.append(chosen.note)
        return chosen

    def _start(
        self, chosen: Interpreter, sandbox: Sandbox, trees: Sequence[Tree]
    ) -> tuple[Session, ...]:
        return self._stack.enter_context(self._starter.start(chosen, sandbox, trees)).sessions

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
