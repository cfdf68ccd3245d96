"""Which revision, and which of its lines, made an object of head's schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.explain.history.revisions import last_added, present
from bot.explain.schema.makers import drops_index, stated_constraints, states
from bot.explain.schema.new_objects import New
from bot.facts import ChangedRevision, Project, Statement
from bot.facts.relation import Constraint, Index
from bot.facts.schema import Column, Table
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import AlterTable, CreateIndex, CreateTable, Piece, pieces
from bot.sql import Constraint as Written

Makes = Callable[[Piece], bool]


@dataclass(frozen=True)
class Origin:
    """Where something was made; ``statement`` is None where only the revision is known."""

    project: Project
    revision: ChangedRevision
    statement: Statement | None = None

    @property
    def path(self) -> str:
        """The file of the call, of the revision where the call is not known."""
        known = self.statement is not None and self.statement.line > 0
        return self.statement.path if self.statement and known else self.revision.path

    @property
    def line(self) -> int:
        """The line of the call; that of ``def upgrade`` where it is not known."""
        known = self.statement is not None and self.statement.line > 0
        return self.statement.line if self.statement and known else self.revision.anchors.upgrade

    def finding(
        self,
        table: Table,
        *,
        title: str,
        message: str,
        subject: str,
        remedies: tuple[Remedy, ...],
        column: str | None = None,
        confidence: Confidence = Confidence.CERTAIN,
        severity: Severity | None = None,
        count: int = 1,
    ) -> Finding:
        """A finding about something of that table, at this place."""
        return Finding(
            path=self.path,
            line=self.line,
            title=title,
            message=message,
            subject=subject,
            confidence=confidence,
            severity=severity,
            project=self.project.config,
            revision=self.revision.revision,
            tables=(table.full_name,),
            column=column,
            count=count,
            remedies=remedies,
        )


def in_order(project: Project, found: Iterable[Origin | None]) -> list[Origin]:
    """Those that are known, in the order of the revisions and of their lines."""
    order = [item.revision for item in present(project)]
    known = [origin for origin in found if origin is not None]
    return sorted(known, key=lambda one: (order.index(one.revision.revision), one.line))


def table_made(project: Project, table: Table) -> Origin | None:
    """Where the table was created; None when nothing of the change did."""
    names = [("table", table.full_name), ("foreign table", table.full_name)]

    def makes(piece: Piece) -> bool:
        made = piece.detail
        return isinstance(made, CreateTable) and made.table.names(table.full_name)

    return _made(project, table, makes, names)


def table_altered(project: Project, table: Table, action: str) -> Origin | None:
    """Where ALTER TABLE did that (``Action.kind``), or where the table was created."""

    def makes(piece: Piece) -> bool:
        made = piece.detail
        return (
            isinstance(made, AlterTable)
            and made.table.names(table.full_name)
            and any(each.kind == action for each in made.actions)
        )

    altered = _by_statement(project, makes)
    return altered or table_made(project, table)


def column_made(project: Project, new: New[Column]) -> Origin | None:
    """Where the column was added, or last altered where base has it."""
    table, name = new.table, new.thing.name

    def makes(piece: Piece) -> bool:
        made = piece.detail
        if isinstance(made, CreateTable) and made.table.names(table.full_name):
            return any(column.name == name for column in made.columns)
        if isinstance(made, AlterTable) and made.table.names(table.full_name):
            return any(action.column == name for action in made.actions)
        return False

    names = [("column", f"{table.full_name}.{name}"), ("table", table.full_name)]
    return _made(project, table, makes, names)


def constraint_made(project: Project, new: New[Constraint]) -> Origin | None:
    """Where the constraint was added, in whatever statement."""
    table, wanted = new.table, new.thing

    def makes(piece: Piece) -> bool:
        return any(states(made, wanted) for made in stated_constraints(piece, table.full_name))

    names = [("constraint", f"{table.full_name}.{wanted.name}"), ("table", table.full_name)]
    return _made(project, table, makes, names)


def written_constraint(made: Origin, new: New[Constraint]) -> Written | None:
    """The constraint as the statement at that place wrote it, None where none was parsed."""
    if made.statement is None:
        return None
    for piece in pieces(made.statement.sql):
        for written in stated_constraints(piece, new.table.full_name):
            if states(written, new.thing):
                return written
    return None


def index_made(project: Project, new: New[Index]) -> Origin | None:
    """Where the index was created, by itself or with the constraint that it backs."""
    table, index = new.table, new.thing
    if index.constraint is not None:
        behind = next((each for each in table.constraints if each.name == index.constraint), None)
        return constraint_made(project, New(table, behind, base=new.base)) if behind else None
    bare = index.name.rpartition(".")[2]

    def makes(piece: Piece) -> bool:
        made = piece.detail
        if not isinstance(made, CreateIndex) or not made.table.names(table.full_name):
            return False
        columns = tuple(key.column for key in made.keys)
        return made.name == bare or (made.name is None and columns == index.columns)

    names = [("index", index.name), ("table", table.full_name)]
    return _made(project, table, makes, names)


def primary_key_lost(project: Project, table: Table, before: Table | None) -> Origin | None:
    """Where base's primary key of the table went."""
    key = before.primary_key if before else None
    if before is None or key is None:
        return None
    names = [("constraint", f"{name}.{key.name}") for name in (before.full_name, table.full_name)]
    return _made(project, table, lambda _: False, names)


def index_lost(project: Project, table: Table, index: Index) -> Origin | None:
    """Where an index of base's went, alone or with the constraint that it backed."""
    names = [("index", index.name), ("constraint", f"{table.full_name}.{index.constraint}")]
    return _made(project, table, lambda piece: drops_index(piece, index), names)


def _made(
    project: Project, table: Table, makes: Makes, names: list[tuple[str, str]]
) -> Origin | None:
    """The last statement that makes it; else the revision after which it was there."""
    by_statement = _by_statement(project, makes)
    if by_statement is not None:
        return by_statement
    revisions = present(project)[::-1]
    for kind, name in names:
        for item in revisions:
            changed = item.round_trip.upgrade.changed
            if any(each.kind == kind and each.name == name for each in changed):
                return Origin(project, item, _touching(item, table.full_name))
    last = last_added(project)
    return Origin(project, last) if last else None


def _by_statement(project: Project, makes: Makes) -> Origin | None:
    for item in reversed(present(project)):
        for statement in reversed(item.round_trip.upgrade.statements):
            if statement.sqlstate is None and any(map(makes, pieces(statement.sql))):
                return Origin(project, item, statement)
    return None


def _touching(item: ChangedRevision, table: str) -> Statement | None:
    """The last statement that the database saw at work on the table's definition."""
    for statement in reversed(item.round_trip.upgrade.statements):
        for effect in statement.effects:
            if effect.table == table and (effect.created or effect.locks):
                return statement
    return None
