"""SQL that counts the rows which a step did not bear, for the database that has them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.explain.losses.misfit import misfit
from bot.explain.names.names import own_name, sql_name
from bot.facts import ChangedRevision, Difference, Direction, Project
from bot.facts.relation import Constraint, Index
from bot.facts.rows import Refusal, Trait
from bot.facts.schema import Schema, Table
from bot.sql import AlterTable, pieces, quoted

_CHECK = "23514"  # check_violation, PostgreSQL docs Appendix A
_MET = (Trait.ANY, Trait.SEEDED, Trait.INVENTED, Trait.LATER)  # nothing odd: any may be refused
_DATA = "22"  # the class of data exceptions, PostgreSQL docs Appendix A


@dataclass(frozen=True)
class Offenders:
    """A condition that is true of such rows, or the keys that several of them have in common.

    ``table`` is its ``schema.name``; ``keys`` are SQL, and ``condition`` then says which rows
    count. ``note`` is a sentence on the SQL, "" for none.
    """

    table: str
    condition: str | None = None
    keys: tuple[str, ...] = ()
    note: str = ""

    @property
    def count(self) -> str:
        """A query that counts them."""
        where = f" WHERE {self.condition}" if self.condition else ""
        source = f"FROM {sql_name(self.table)}{where}"
        if not self.keys:
            return f"SELECT count(*) {source};"
        keys = ", ".join(self.keys)
        return f"SELECT {keys}, count(*) {source} GROUP BY {keys} HAVING count(*) > 1;"


def sides(project: Project, refusal: Refusal) -> tuple[Schema | None, Schema | None]:
    """The schema that the rows lived in, and the one that the step leads to."""
    both = project.base_schema, project.schema
    return both if refusal.direction is Direction.UPGRADE else both[::-1]


def offenders(project: Project, item: ChangedRevision, refusal: Refusal) -> Offenders | None:
    """How to find the rows on a database that has not run the step; None where that is unknown.

    What a column that the step itself adds would hold cannot be asked there.
    """
    before, after = sides(project, refusal)
    table = before.table(refusal.table or "") if before else None
    if table is None:
        return None
    known = all(table.column(name) for name in refusal.columns)
    if not known:
        return None
    if refusal.trait is Trait.DROPPED and refusal.failure.sqlstate != _CHECK:
        return _listed(before, after, table, refusal)
    match refusal.failure.sqlstate:
        case "23502" if refusal.columns:
            condition = " OR ".join(f"{quoted(name)} IS NULL" for name in refusal.columns)
            return Offenders(table.full_name, condition)
        case "23503" | "23505" | "23514":
            return _constrained(after, table, refusal)
        case _:
            return _cast(item, refusal)


def _listed(
    before: Schema | None, after: Schema | None, table: Table, refusal: Refusal
) -> Offenders | None:
    """Labels of a column's enum that the new one does not have."""
    then = after.table(table.full_name) if after else None
    for name in refusal.columns:
        column, new = table.column(name), then.column(name) if then else None
        if column and new and before and after:
            old = {item.name: item.values for item in before.enums}.get(column.type.base, ())
            kept = {item.name: item.values for item in after.enums}.get(new.type.base, ())
            gone = ", ".join(_text(item) for item in old if item not in kept)
            if gone:
                return Offenders(table.full_name, f"{quoted(name)}::text IN ({gone})")
    return None


def _text(value: str) -> str:
    """A string constant of SQL (PostgreSQL docs, "String Constants")."""
    return "'" + value.replace("'", "''") + "'"


def _constrained(head: Schema | None, table: Table, refusal: Refusal) -> Offenders | None:
    after = head.table(table.full_name) if head else None
    for constraint in after.constraints if after else ():
        if constraint.name == refusal.constraint:
            if constraint.kind == "check":
                return Offenders(table.full_name, f"NOT {_inside(constraint.definition)}")
            if constraint.kind == "foreign key":
                return _orphans(table, constraint)
    for index in after.indexes if after else ():
        if index.unique and index.name == f"{table.schema}.{refusal.constraint}":
            return _repeated(table, index)
    return None


def _inside(definition: str) -> str:
    """The expression of ``CHECK ((…))`` in one pair of parentheses."""
    body = definition.removeprefix("CHECK ").removesuffix(" NOT VALID")
    return body[1:-1] if body.startswith("((") and body.endswith("))") else body


def _orphans(table: Table, key: Constraint) -> Offenders:
    own, other = sql_name(table.full_name), sql_name(key.references or "")
    pairs = list(zip(key.columns, key.referenced, strict=False))
    given = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key.columns)
    same = " AND ".join(f"parent.{quoted(b)} = {own}.{quoted(a)}" for a, b in pairs)
    return Offenders(
        table.full_name,
        f"{given} AND NOT EXISTS (SELECT FROM {other} AS parent WHERE {same})",
    )


def _repeated(table: Table, index: Index) -> Offenders:
    keys = tuple(quoted(key.column) if key.column else key.expression or "" for key in index.keys)
    conditions = [] if index.nulls_not_distinct else [f"{key} IS NOT NULL" for key in keys]
    conditions += [f"({index.predicate})"] if index.predicate else []
    return Offenders(table.full_name, " AND ".join(conditions) or None, keys)


def placed(item: ChangedRevision, refusal: Refusal) -> Refusal:
    """The refusal with the column whose type could not be changed, which no message names."""
    found = _retyped(item, refusal) if refusal.table is None else None
    if found is None:
        return refusal
    return replace(refusal, table=found.table, columns=(own_name(found),))


def _cast(item: ChangedRevision, refusal: Refusal) -> Offenders | None:
    """Values that do not fit a new type."""
    found = _retyped(item, refusal)
    if found is None:
        return None
    values = misfit(own_name(found), found.before or "", found.after or "")
    return Offenders(found.table or "", values.values, note=values.note)


def _retyped(item: ChangedRevision, refusal: Refusal) -> Difference | None:
    """The one column whose type the refused statement changes."""
    back = refusal.direction is Direction.DOWNGRADE
    if not (refusal.failure.sqlstate or "").startswith(_DATA) or (back and refusal.trait in _MET):
        return None
    altered = {
        action.column
        for piece in pieces(refusal.failure.statement or "")
        if isinstance(piece.detail, AlterTable)
        for action in piece.detail.actions
        if action.kind == "alter column type"
    }
    found = [
        each
        for each in item.round_trip.upgrade.changed
        if (each.kind, each.attribute) == ("column", "type") and own_name(each) in altered
    ]
    if len(found) != 1:
        return None
    (each,) = found
    return replace(each, before=each.after, after=each.before) if back else each
