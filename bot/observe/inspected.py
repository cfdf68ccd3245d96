"""Answers about models, decoded as what they are: bytes from a process of a stranger's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot.facts import Failure
from bot.facts.fit import Drift, Kind, Sent
from bot.facts.models import MappedClass, Models
from bot.facts.type_check import TypeComplaint
from bot.observe.protocol import (
    MESSAGE,
    NAME,
    SQL,
    WireFailure,
    confined,
    cut,
    line_number,
    names,
    optional,
)

_ENTRIES = 5_000
_BASES = 2_000
_PACKAGES = 10


@dataclass(frozen=True)
class ModelsAnswer:
    """The answer to ``models``. Its size is bounded as a whole by the longest line allowed."""

    ok: bool
    models: Models = Models()
    failure: WireFailure | None = None

    def checked(self) -> Models:
        """The models, with paths kept only where they lie inside the tree."""
        return replace(
            self.models,
            classes=tuple(_inside(item) for item in self.models.classes),
            unread=names(self.models.unread),
            bases=tuple(cut(name, NAME) for name in self.models.bases[:_BASES]),
            versions=_versions(self.models.versions),
        )


def _versions(found: dict[str, str] | None) -> dict[str, str] | None:
    told = sorted((found or {}).items())[:_PACKAGES]
    return {cut(name, NAME): cut(version, NAME) for name, version in told} or None


def _inside(item: MappedClass) -> MappedClass:
    path = confined(item.path)
    return replace(item, path=path, line=line_number(item.line) if path else 0)


@dataclass(frozen=True)
class WireDrift:
    """One operation as the probe tells it."""

    operation: str
    table: str = ""
    name: str = ""
    changes: tuple[str, ...] = ()
    type: str = ""
    code: str = ""


@dataclass(frozen=True)
class CompareAnswer:
    """The answer to ``compare``."""

    ok: bool
    compare: tuple[WireDrift, ...] = ()
    failure: WireFailure | None = None

    def checked(self) -> tuple[Drift, ...]:
        """The differences, cut."""
        return tuple(
            Drift(
                operation=cut(item.operation, NAME),
                table=cut(item.table, NAME),
                name=cut(item.name, NAME),
                changes=names(item.changes),
                type=cut(item.type, NAME),
                code=cut(item.code, MESSAGE),
            )
            for item in self.compare[:_ENTRIES]
        )


@dataclass(frozen=True)
class WireSent:
    """One statement as the probe tells it."""

    table: str
    kind: Literal["select", "insert", "insert minimal", "update", "delete"]
    model: str = ""
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    failed: bool = False
    sqlstate: str | None = None
    message: str | None = None
    statement: str | None = None
    skipped: str | None = None


@dataclass(frozen=True)
class ExerciseAnswer:
    """The answer to ``exercise``."""

    ok: bool
    exercise: tuple[WireSent, ...] = ()
    failure: WireFailure | None = None

    def checked(self) -> tuple[Sent, ...]:
        """The statements, cut."""
        return tuple(
            Sent(
                table=cut(item.table, NAME),
                model=cut(item.model, NAME),
                kind=Kind(item.kind),
                columns=names(item.columns),
                types=names(item.types),
                failed=item.failed,
                sqlstate=optional(item.sqlstate, NAME),
                message=optional(item.message, MESSAGE),
                statement=optional(item.statement, SQL),
                skipped=optional(item.skipped, MESSAGE),
            )
            for item in self.exercise[:_ENTRIES]
        )


@dataclass(frozen=True)
class WireTypes:
    """What the type checker said, or why it said nothing."""

    problem: str | None = None
    errors: tuple[TypeComplaint, ...] = ()


@dataclass(frozen=True)
class TypesAnswer:
    """The answer to ``types``."""

    ok: bool
    types: WireTypes = WireTypes()
    failure: WireFailure | None = None

    def checked(self) -> tuple[str | None, tuple[TypeComplaint, ...]]:
        """The problem, or the errors in files of the tree."""
        found = (
            TypeComplaint(
                confined(item.path),
                line_number(item.line),
                cut(item.message, MESSAGE),
                cut(item.code, NAME),
            )
            for item in self.types.errors[:_ENTRIES]
        )
        return optional(self.types.problem, MESSAGE), tuple(item for item in found if item.path)


class NotInspected(Exception):
    """The question could not be answered; ``failure`` is why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
