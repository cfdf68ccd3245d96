"""What the code of either release met on the schema of the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.explain.losses.upgraded import Upgraded, altered, upgraded
from bot.explain.statements.ran import RELATIONS, Ran
from bot.facts import Facts, Project
from bot.facts.fit import Kind, Sent
from bot.sql import Rename

WRITES = (Kind.INSERT, Kind.MINIMAL, Kind.UPDATE, Kind.DELETE)
# What every driver for Python reads as one kind of value, by the oids of catalog/pg_type.dat.
_READ_AS = {
    **dict.fromkeys(("20", "21", "23"), "integer"),  # bigint, smallint, integer
    **dict.fromkeys(("25", "1043"), "text"),  # text, varchar
    **dict.fromkeys(("700", "701"), "float"),  # real, double precision
    **dict.fromkeys(("114", "3802"), "json"),  # json, jsonb
}


@dataclass(frozen=True)
class Broken:
    """A statement of a model that worked on one schema and does not, or not alike, on the other."""

    before: Sent
    after: Sent

    @property
    def reason(self) -> str:
        """The server's message, or that the type of a column is another one."""
        if self.after.failed:
            return (self.after.message or "it fails").partition("\n")[0]
        return f"column {', '.join(self.retyped)} comes back with another type"

    @property
    def retyped(self) -> tuple[str, ...]:
        """Columns that a SELECT reads as another kind of value than before."""
        pairs = zip(self.before.columns, self.before.types, self.after.types, strict=False)
        return tuple(
            name for name, old, new in pairs if _READ_AS.get(old, old) != _READ_AS.get(new, new)
        )


def broken(before: Sequence[Sent], after: Sequence[Sent]) -> list[Broken]:
    """The statements of ``before`` that succeeded there and do not in ``after``."""
    now = {(item.table, item.model, item.kind): item for item in after}
    found = []
    for item in before:
        other = now.get((item.table, item.model, item.kind))
        if item.failed or item.skipped or other is None or other.skipped:
            continue
        pair = Broken(item, other)
        if other.failed or pair.retyped:
            found.append(pair)
    return found


@dataclass(frozen=True)
class Renamed:
    """A table or column of base that has another name after the upgrade."""

    upgraded: Upgraded
    ran: Ran
    table: str
    column: str | None
    new: str


def renamed(facts: Facts) -> Iterator[Renamed]:
    """Tables and columns of base with another name after one revision.

    Renamed by a statement, or a column that is added, filled from another and takes its place. A
    table that leaves a view under its old name is not gone for the running release.
    """
    for found in upgraded(facts):
        yield from _replaced(found)
        for each, piece in found.pieces():
            detail = piece.detail
            if not isinstance(detail, Rename) or detail.relation is None:
                continue
            if detail.object == "column":
                table = found.relation(detail.relation, each)
                base = found.at_base(table)
                if base is not None and base.column(detail.old) is not None:
                    yield Renamed(found, each, table, detail.old, detail.new)
            elif detail.object == "table":
                old = next(
                    (e.relation for e in each.effects if e.existed and e.kind in RELATIONS), None
                )
                if old is not None:
                    name = f"{old.rpartition('.')[0]}.{detail.old}"
                    if not _is_view(found, name):
                        yield Renamed(found, each, name, None, detail.new)


def _is_view(found: Upgraded, name: str) -> bool:
    views = found.project.schema.views if found.project.schema else ()
    return any(view.full_name == name and view.kind == "view" for view in views)


def _replaced(found: Upgraded) -> Iterator[Renamed]:
    """Columns that a revision drops after it copied them into one that it added."""
    added = {(table, action.column) for _, table, _, action in altered(found, "add column")}
    copies: dict[tuple[str, str], str] = {}
    for each, piece in found.pieces():
        for modify in piece.modifies if added else ():
            table = found.relation(modify.table, each)
            for new, value in zip(modify.columns, modify.values, strict=False):
                if (table, new) in added and len(value.columns) == 1:
                    copies[table, value.columns[0]] = new
    for each, table, column, _ in altered(found, "drop column"):
        if (table, column) in copies and found.column_at_base(table, column) is not None:
            yield Renamed(found, each, table, column, copies[table, column])


def release_order(project: Project) -> tuple[str, str] | None:
    """In which order migration and code may be deployed, and why; None where it was not seen.

    ``migrate first``, ``code first``, ``either`` or ``cannot roll``.
    """
    deploy = project.deploy
    if deploy is None:
        return None
    old = broken(deploy.before, deploy.after)
    new = broken(deploy.new_on_new, deploy.new_on_old)
    first = _why(old[0], "the running release") if old else ""
    second = f"{_why(new[0], 'the new code')} before it" if new else ""
    if old and (new or not deploy.new_on_old):  # without new code the old one is what stays
        return "cannot roll", "; ".join(filter(None, (first, second)))
    if old or new:
        return ("code first", first) if old else ("migrate first", second)
    return "either", "either release runs on either schema"


def _why(item: Broken, whose: str) -> str:
    statement = "SELECT" if item.after.kind is Kind.SELECT else item.after.kind.value.upper()
    kept = statement.split(maxsplit=1)[0]
    return f"{whose}'s {kept} of {item.after.model} fails: {item.reason}"
