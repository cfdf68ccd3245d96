"""Which tree is whose while both are run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import pytest

from bot.clock import Clock
from bot.facts import Failure, FailureKind
from bot.observe.interpreter import Interpreter
from bot.observe.interpreters import Interpreters, Starter, Tree, Wanted, install_seconds
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox
from bot.projects import Environment
from bot.projects.install_plan import NOTHING

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has users to tell apart")
Make = Callable[[str], Interpreters]


@dataclass
class Running:
    """What stands for an interpreter: nothing runs."""

    sessions: tuple[Any, ...]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@dataclass
class Started:
    """How interpreters were asked for."""

    sandboxes: list[Sandbox]
    writable: list[list[Path]]

    def __call__(
        self,
        interpreter: Interpreter,
        sessions: int,
        sandbox: Sandbox,
        room: Room,
        *,
        writable: Sequence[Path],
        environment: Mapping[str, str],
    ) -> Running:
        """Note it."""
        del interpreter, room, environment
        self.sandboxes.append(sandbox)
        self.writable.append(list(writable))
        return Running(tuple(range(sessions)))


@pytest.fixture
def trees(room: Room) -> tuple[Path, Path]:
    """Base's and head's, as they are exported."""
    return room.folder("base", mode=0o755), room.folder("head", mode=0o755)


@pytest.fixture
def started() -> Started:
    """Nothing yet."""
    return Started([], [])


@pytest.fixture
def make(
    room: Room,
    sandbox: Sandbox,
    environment: Environment,
    trees: tuple[Path, Path],
    started: Started,
    tmp_path: Path,
) -> Make:
    """The interpreters of one project, chosen by that ``install`` setting."""

    def interpreters(install: str) -> Interpreters:
        starter = Starter(
            room,
            sandbox,
            Clock(60),
            tmp_path,
            tmp_path / "packages",
            install,
            {},
            {"PATH": os.defpath},
            lambda _: None,
            started,
        )
        base, head = (Tree(path, lambda _: None, lambda _: NOTHING) for path in trees)
        return Interpreters(starter, Wanted(environment, environment), base, head, with_base=True)

    return interpreters


def owner(path: Path) -> int:
    """The user that a folder belongs to."""
    return path.stat().st_uid


def test_with_one_interpreter_base_is_not_heads_to_write(
    make: Make, trees: tuple[Path, Path], sandbox: Sandbox, started: Started
) -> None:
    """Both run as one user then, and head's could add a revision to base."""
    base, head = trees
    with make("never") as made:
        assert started.sandboxes == [sandbox]
        assert (owner(base), owner(head)) == (os.geteuid(), sandbox.uid)
        assert not made.hand_over_base(None)
        assert not made.hand_over_base(Failure(FailureKind.PYTHON, "No module named 'x'"))
        assert owner(base) == os.geteuid()
        refused = Failure(FailureKind.PYTHON, "[Errno 13] Permission denied: 'logs'")
        assert made.hand_over_base(refused)
        assert owner(base) == sandbox.uid


def test_with_two_interpreters_each_tree_has_its_user(
    make: Make, trees: tuple[Path, Path], sandbox: Sandbox, started: Started
) -> None:
    """Neither can write to the other's."""
    script = "mkdir -p .venv/bin .venv/lib/python3.11/site-packages/alembic-1.13.0.dist-info"
    if shutil.which("sh") is None:
        pytest.skip("there is no shell")
    base, head = trees
    with make(f"sh -c '{script}'"):
        bases, heads = started.sandboxes
        assert heads == sandbox
        assert bases.uid not in (sandbox.uid, os.geteuid())
        assert (owner(base), owner(head)) == (bases.uid, heads.uid)
        assert started.writable == [[base], [head]]
        assert owner(head / ".venv") == heads.uid


def test_what_is_told_of_one_sandbox_holds_for_the_others(sandbox: Sandbox) -> None:
    """Another user, not other layers."""
    other = sandbox.another("other")
    assert replace(other, uid=sandbox.uid, home=sandbox.home, place=sandbox.place) == sandbox


def test_installing_leaves_time_to_run() -> None:
    """Also where both trees declare packages of their own and neither comes to an end."""
    left = 600.0
    for _ in range(2):
        left -= install_seconds(left)
    assert left >= 150
