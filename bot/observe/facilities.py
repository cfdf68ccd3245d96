"""What an observation works with: all of its effects, so that a caller can bring others.

Many small reviews share one server and one interpreter this way (``fixtures/review.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from bot.observe.child import Probe, Session
from bot.observe.interpreter import Interpreter
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox, prepare_sandbox
from bot.observe.server import Server, ServerOptions, start_server


class Running(Protocol):
    """A started interpreter of the target: leaving it ends its sessions."""

    @property
    def sessions(self) -> tuple[Session, ...]:
        """One for each tree that it serves."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class StartProbe(Protocol):
    """What starts an interpreter."""

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
        """Do as ``Probe.start`` does."""
        ...


class PrepareSandbox(Protocol):
    """What confines the target's code."""

    def __call__(
        self, room: Room, *, hidden: Sequence[Path], zone: str | None, without: frozenset[str]
    ) -> Sandbox:
        """Do as ``prepare_sandbox`` does."""
        ...


@dataclass(frozen=True)
class Facilities:
    """Where a run takes place and what it starts; by default its own, ended with it."""

    room: Callable[[Path], AbstractContextManager[Room]] = Room
    sandbox: PrepareSandbox = prepare_sandbox
    server: Callable[[ServerOptions, Room], Server] = start_server
    probe: StartProbe = Probe.start
