"""One table at head: what it is made of, what refers to it, what this change does to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.consult.page import Grid, Part, Points, Text, Title
from bot.facts import Difference, Project
from bot.facts.relation import Constraint, Index, RowPolicy, Trigger
from bot.facts.schema import Column, Table
from bot.wording import code, prose, several, verb


class Size(Protocol):
    """What production holds, as the file of `table-stats` says."""

    @property
    def rows(self) -> int:
        """How many rows."""
        ...

    @property
    def bytes(self) -> int:
        """What they take on disk."""
        ...


@dataclass(frozen=True)
class Reference:
    """A foreign key of another table that points here."""

    table: str
    constraint: str
    columns: tuple[str, ...]
    referenced: tuple[str, ...]
    on_delete: str


@dataclass(frozen=True)
class Description:
    """One table of one project at head; ``pending`` is what the change does to it.

    ``is_new``: base has no such table. ``size`` is None where nobody stated one.
    """

    project: str
    table: Table
    referenced_by: tuple[Reference, ...] = ()
    partitions: tuple[str, ...] = ()
    pending: tuple[Difference, ...] = ()
    is_new: bool = False
    size: Size | None = None


NO_SIZES: Mapping[str, Size] = {}


def description(
    project: Project, table: Table, sizes: Mapping[str, Size] = NO_SIZES
) -> Description:
    """All that is known of the table."""
    schema = project.schema
    others = schema.tables if schema else ()
    changed = project.whole.upgrade.changed if project.whole else ()
    base = project.base_schema
    return Description(
        project=project.config,
        table=table,
        referenced_by=tuple(
            Reference(other.full_name, key.name, key.columns, key.referenced, key.on_delete)
            for other in others
            for key in other.foreign_keys
            if key.references == table.full_name
        ),
        partitions=tuple(
            other.full_name for other in others if other.partition_of == table.full_name
        ),
        pending=tuple(
            item
            for item in changed
            if item.table == table.full_name
            or (item.kind == "table" and item.name == table.full_name)
        ),
        is_new=base is not None and not base.unread and base.table(table.full_name) is None,
        size=sizes.get(table.full_name),
    )


def shown(described: Sequence[Description]) -> tuple[Part, ...]:
    """The answer."""
    return tuple(part for item in described for part in _shown(item))


def _shown(item: Description) -> Iterator[Part]:
    table = item.table
    yield Title(f"{code(table.full_name)} in {code(item.project)}")
    yield Text(_introduction(item))
    if table.comment:
        yield Text(f"Its comment: {prose(table.comment)}")
    yield Title("Columns", 2)
    yield Grid(("column", "type", "null", "default", "remark"), tuple(map(_column, table.columns)))
    if table.indexes:
        yield Title("Indexes", 2)
        yield Points(tuple(map(_index, table.indexes)))
    if table.constraints:
        yield Title("Constraints", 2)
        yield Points(tuple(map(_constraint, table.constraints)))
    yield Title("Relationships", 2)
    yield Points(tuple(_relationships(item)))
    if table.policies or table.row_security:
        yield Title("Row security", 2)
        yield Points(tuple(_row_security(table)))
    if table.triggers:
        yield Title("Triggers", 2)
        yield Points(tuple(map(_trigger, table.triggers)))
    yield Title("Pending changes in this pull request", 2)
    yield from _pending(item)


def _introduction(item: Description) -> str:
    table = item.table
    parts = [f"A {table.kind}"]
    if table.persistence != "permanent":
        parts[0] = f"An {table.persistence} {table.kind}"
    parts[0] += f" of {_count(len(table.columns), 'column')}"
    if item.is_new:
        parts.append("made by this change")
    if table.partitioning:
        count = _count(len(item.partitions), "partition")
        parts.append(f"parted by {code(table.partitioning.key)} into {count}")
    if table.partition_of:
        parts.append(f"a partition of {code(table.partition_of)} {code(table.bound or '')}")
    if table.inherits:
        parts.append(f"a child of {several(table.inherits)}")
    size = "its size in production is not known (no `table-stats` tells it)"
    if item.size:
        size = f"in production {item.size.rows:,} rows, {bytes_of(item.size.bytes)}"
    return f"{', '.join(parts)}; {size}."


def bytes_of(number: int) -> str:
    """A size as a reader says it, in powers of 1024."""
    value, unit = float(number), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1024:  # noqa: PLR2004 - the step from one unit to the next
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"  # noqa: PLR2004


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _column(column: Column) -> tuple[str, ...]:
    remarks = []
    if column.identity:
        remarks.append(f"identity, {column.identity}")
    if column.generated:
        kind = "virtual" if column.virtual else "stored"
        remarks.append(f"generated ({kind}): {code(column.generated)}")
    if column.collation:
        remarks.append(f"collation {code(column.collation)}")
    if column.inherited:
        remarks.append("inherited")
    if column.comment:
        remarks.append(prose(column.comment, 120))
    return (
        code(column.name),
        code(column.type.name),
        "yes" if column.nullable else "no",
        code(column.default) if column.default else "-",
        "; ".join(remarks) or "-",
    )


def _index(index: Index) -> str:
    remarks = []
    if index.primary:
        remarks.append("the primary key's")
    elif index.constraint:
        remarks.append(f"of the constraint {code(index.constraint)}")
    if not index.valid:
        remarks.append("**invalid**: no query uses it")
    said = f" ({', '.join(remarks)})" if remarks else ""
    return f"{code(index.name.partition('.')[2])}{said}: {code(index.definition, 400)}"


def _constraint(item: Constraint) -> str:
    remarks = []
    if not item.validated:
        remarks.append("not validated")
    if not item.enforced:
        remarks.append("not enforced")
    if item.inherited:
        remarks.append("inherited")
    said = f" ({', '.join(remarks)})" if remarks else ""
    return f"{item.kind} {code(item.name)}{said}: {code(item.definition, 400)}"


def _relationships(item: Description) -> Iterator[str]:
    for key in item.table.foreign_keys:
        yield (
            f"its {several(key.columns)} {verb(key.columns, 'refers', 'refer')}"
            f" to {code(key.references or '')} ({several(key.referenced)}),"
            f" ON DELETE {key.on_delete}"
        )
    for other in item.referenced_by:
        yield (
            f"{code(other.table)} refers to its {several(other.referenced)}"
            f" by {several(other.columns)}, ON DELETE {other.on_delete}"
        )
    if not item.table.foreign_keys and not item.referenced_by:
        yield "no foreign key goes out, none comes in"


def _row_security(table: Table) -> Iterator[str]:
    state = "is on" if table.row_security else "is off: its policies do nothing"
    forced = ", for the owner too" if table.row_security and table.forced_row_security else ""
    yield f"row security {state}{forced}"
    if table.row_security and not table.policies:
        yield "there is no policy: nobody but the owner sees a row"
    yield from map(_policy, table.policies)


def _policy(policy: RowPolicy) -> str:
    kind = "permissive" if policy.permissive else "restrictive"
    rules = []
    if policy.using is not None:
        rules.append(f"USING {code(policy.using, 300)}")
    if policy.check is not None:
        rules.append(f"WITH CHECK {code(policy.check, 300)}")
    roles = several(policy.roles)
    return f"{code(policy.name)}, {kind}, {policy.command} for {roles}: {', '.join(rules) or '-'}"


def _trigger(trigger: Trigger) -> str:
    each = "each row" if trigger.for_each_row else "each statement"
    off = "" if trigger.enabled else ", **disabled**"
    events = " or ".join(trigger.events)
    return f"{code(trigger.name)}: {trigger.timing} {events}, {each}, {code(trigger.function)}{off}"


def _pending(item: Description) -> Iterator[Part]:
    if item.is_new:
        yield Text("The whole table is new.")
        return
    if not item.pending:
        yield Text("None: base and head have the table alike.")
        return
    yield Points(tuple(map(_difference, item.pending)))


def _difference(item: Difference) -> str:
    what = f"{item.kind} {code(item.name)}"
    if item.before is None:
        return f"{what} is added: {code(item.after or '', 300)}"
    if item.after is None:
        return f"{what} is dropped: {code(item.before, 300)}"
    attribute = f", {item.attribute}" if item.attribute else ""
    was, now = item.before or "(none)", item.after or "(none)"
    return f"{what}{attribute}: {code(was, 300)} becomes {code(now, 300)}"
