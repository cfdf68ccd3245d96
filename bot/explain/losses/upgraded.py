"""The upgrade of one revision: its statements, what they changed, and what was there at base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.explain.history.renames import Renames, renames
from bot.explain.history.revisions import present
from bot.explain.names.names import own_name
from bot.explain.statements.ran import RELATIONS, Ran, ran
from bot.facts import ChangedRevision, Difference, Direction, Facts, Project, Statement
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Confidence
from bot.sql import Action, AlterTable, Name, Piece, Rename

Key = tuple[str, str]
"""The kind and name of an object, as in ``Difference``."""


@dataclass(frozen=True)
class Upgraded:
    """One revision's upgrade. ``ran`` are its statements that did not fail, in their order.

    ``born`` are objects that earlier revisions of the change made: nobody has data in them.
    ``died`` are those that they took away.
    """

    project: Project
    revision: ChangedRevision
    ran: tuple[Ran, ...]
    born: frozenset[Key]
    died: frozenset[Key]
    renames: Renames

    @property
    def changed(self) -> tuple[Difference, ...]:
        """The catalogue's difference, as it was seen."""
        return self.revision.round_trip.upgrade.changed

    def gone(self, *kinds: str) -> list[Difference]:
        """What was there before the change and is not there after this revision."""
        return [
            each
            for each in self.changed
            if each.after is None
            and each.attribute is None
            and (not kinds or each.kind in kinds)
            and (each.kind, each.name) not in self.born
        ]

    def pieces(self) -> Iterator[tuple[Ran, Piece]]:
        """Every statement as parsed, with what it did."""
        for each in self.ran:
            yield from ((each, piece) for piece in each.pieces)

    def relation(self, name: Name, each: Ran) -> str:
        """The ``schema.name`` that the statement meant."""
        tables = [effect.relation for effect in each.effects if effect.kind in RELATIONS]
        tables += [item.table for item in self.changed if item.table]
        base = self.project.base_schema
        tables += [item.full_name for item in base.tables] if base else []
        known = (item for item in tables if name.names(item))
        return next(known, f"{name.schema or 'public'}.{name.name}")

    def existed(self, table: str, each: Ran | None = None) -> bool:
        """Whether the table was there before the change: by its oid where that was seen."""
        effects = each.effects if each else ()
        seen = next((effect.existed for effect in effects if effect.relation == table), None)
        if seen is not None:
            return seen
        if self.project.base_schema is not None and not self.project.base_schema.unread:
            return self.at_base(table) is not None
        return ("table", table) not in self.born

    def at_base(self, table: str) -> Table | None:
        """The table as base has it, under whatever name."""
        base = self.project.base_schema
        return base.table(self.renames.table(table)) if base else None

    def column_at_base(self, table: str, column: str) -> Column | None:
        """The column as base has it, under whatever name."""
        found = self.at_base(table)
        return found.column(self.renames.column(found.full_name, column)) if found else None

    @cached_property
    def renamed(self) -> frozenset[tuple[str, str | None, str]]:
        """What this revision gave new names: the object, its relation, the old name."""
        return frozenset(
            (
                piece.detail.object.removeprefix("schema of "),
                piece.detail.relation.name if piece.detail.relation else None,
                piece.detail.old,
            )
            for _, piece in self.pieces()
            if isinstance(piece.detail, Rename)
        )

    def is_renamed(self, item: Difference) -> bool:
        """Whether it is gone because it has another name or schema now."""
        bare = item.name.rpartition(".")[2]
        table = (item.table or "").rpartition(".")[2]
        return any(
            (kind == item.kind and old in (bare, own_name(item)) and of in (table, bare, None))
            or (kind == item.kind and of == bare)
            or (kind == "table" and of == table)  # what has its name now is another table
            for kind, of, old in self.renamed
        )

    def unexplained(self, table: str | None) -> Ran:
        """The statement that may have done what no parsed one did: the text of a DO, a function.

        Where there is none, a placeholder at the head of ``upgrade``.
        """
        hidden = [each for each in self.ran if is_opaque(each.pieces)]
        near = (e for e in hidden if any(effect.table == table for effect in e.effects))
        return next(near, None) or next(iter(hidden), None) or self._nowhere()

    def _nowhere(self) -> Ran:
        statement = Statement(Direction.UPGRADE, "", self.revision.path, 0, 0.0, None)
        return Ran(self.project, self.revision, statement, (), Confidence.OBSERVED, {})


def is_opaque(pieces: Iterable[Piece]) -> bool:
    """Whether more may happen in the statement than its text says."""
    return any(piece.kind in ("do", "select", "call", "unknown") for piece in pieces)


def upgraded(facts: Facts) -> Iterator[Upgraded]:
    """The upgrade of every changed revision that head has, in their order."""
    everything: dict[int, list[Ran]] = {}
    for each in ran(facts, DEFAULTS):
        if each.statement.sqlstate is None:
            everything.setdefault(id(each.revision), []).append(each)
    for project in facts.projects:
        born: set[Key] = set()
        died: set[Key] = set()
        named = renames(project)
        for item in present(project):
            own = tuple(everything.get(id(item), ()))
            found = Upgraded(project, item, own, frozenset(born), frozenset(died), named)
            yield found
            new = {(e.kind, e.name) for e in found.changed if e.before is None and not e.attribute}
            born |= new - set(_new_names(found))
            died |= {(each.kind, each.name) for each in found.gone()}


def _new_names(found: Upgraded) -> Iterator[Key]:
    """Objects that are new in name alone."""
    for each, piece in found.pieces():
        rename = piece.detail
        if not isinstance(rename, Rename) or rename.relation is None:
            continue
        relation = found.relation(rename.relation, each)
        if rename.object == "column":
            yield "column", f"{relation}.{rename.new}"
            # the table may have another name by the end of the revision
        yield rename.object, f"{relation.rpartition('.')[0]}.{rename.new}"


def altered(found: Upgraded, kind: str) -> Iterator[tuple[Ran, str, str, Action]]:
    """Each such action of ALTER TABLE: the statement, the table, what the action names, itself."""
    for each, piece in found.pieces():
        if isinstance(piece.detail, AlterTable):
            table = found.relation(piece.detail.table, each)
            for action in piece.detail.actions:
                if action.kind == kind and action.name:
                    yield each, table, action.name, action
