"""How the rows of one table are to be made: its columns, rules, keys and references. Pure.

Rows must be valid before the change, and ordinary ones after it too, so that what they trip over is
the change and not a rule that it was made to add. Hence two states of a table: base's binds, head's
is followed where it can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.facts.data_types import DataType
from bot.facts.schema import Column, Schema, Table
from bot.observe.rows.bounds import parts
from bot.observe.rows.checks import choices, default_look
from bot.observe.rows.json_shape import Json, is_json
from bot.observe.rows.keys import Key, Reference, keys, references
from bot.observe.rows.narrow import narrowed
from bot.observe.rows.rule import ANYTHING, Choice, Rule, Rules, together
from bot.observe.rows.values import Values


@dataclass(frozen=True)
class Planned:
    """One column whose values are made.

    ``type`` and ``rule`` are those of ordinary values, ``odd`` those that base demands of odd ones:
    None where it binds the column to others. ``nullable`` is whether base allows NULL at all,
    ``loose`` whether it does so in every row. ``rank`` orders the columns of a row by their values.
    ``dropped`` are values that base lists and head does not.
    """

    name: str
    type: DataType
    rule: Rule
    nullable: bool
    rank: int
    odd: tuple[DataType, Rule] | None = None
    loose: bool = False
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class TablePlan:
    """All that is needed to make a table's rows.

    ``ways`` are the ways to satisfy its CHECK constraints, ``keys`` its unique keys,
    ``new_keys`` those that head adds, ``parts`` what the bounds of its partitions demand.
    ``unknown`` is the first column of a type for which no value is known.
    """

    table: Table
    columns: tuple[Planned, ...]
    ways: tuple[Choice, ...]
    references: tuple[Reference, ...]
    keys: tuple[Key, ...]
    new_keys: tuple[Key, ...] = ()
    parts: tuple[Rules, ...] = ()
    unknown: Column | None = None


def counted(column: Column) -> bool:
    """Whether a sequence gives the column its values."""
    return column.identity is not None or (column.default or "").startswith("nextval(")


def plan_table(table: Table, base: Schema, head: Schema, values: Values) -> TablePlan:
    """The plan for a table of base."""
    after = head.table(table.full_name)
    found = []
    unknown = None
    bound = together(choices(item) for item in _checks(table))
    ways = _ways(table, after, bound)
    partitions = parts(table, base)
    fixed = {name for part in partitions for name in part}
    ranks = _ranks(table, ways)
    for column in table.columns:
        if column.generated is not None or counted(column):
            continue
        planned = _column(column, after, values, ranks[column.name])
        if column.name not in fixed:
            planned = _loosened(planned, column, bound, values)
            planned = _looking(planned, (table, after), (ways, bound), values)
            dropped = _dropped(planned, after, ways, values)
            planned = replace(planned, dropped=dropped)
        if values(column.name, planned.type, planned.rule, 0) is not None:
            found.append(planned)
        elif column.nullable and planned.rule.null is not False:
            found.append(replace(planned, rule=replace(planned.rule, null=True)))
        elif column.default is None:
            unknown = unknown or column
    known = tuple(keys(table))
    return TablePlan(
        table,
        tuple(found),
        ways,
        tuple(references(table, after, base)),
        known,
        tuple(key for key in (keys(after) if after else ()) if key not in known),
        partitions,
        unknown,
    )


def _column(column: Column, after: Table | None, values: Values, rank: int) -> Planned:
    then = after.column(column.name) if after else None
    kind, rule = (
        (column.type, ANYTHING) if then is None else narrowed(column.type, then.type, values)
    )
    for each in (column.type, then.type if then else column.type):
        if each.domain and not each.array:
            rule = rule.merged(values.domain(each.domain)) or rule
    nullable = column.nullable and rule.null is not False
    return Planned(column.name, kind, rule, nullable, rank)


def _loosened(
    planned: Planned, column: Column, bound: tuple[Choice, ...], values: Values
) -> Planned:
    """The column with what base alone demands of it."""
    rules = [way.rules.get(column.name, ANYTHING) for way in bound]
    pairs = {name for way in bound for pair in (*way.ordered, *way.equal) for name in pair}
    tied = column.name in pairs or (len(bound) > 1 and any(rule != ANYTHING for rule in rules))
    loose = planned.nullable and all(rule.null is None for rule in rules)
    rule = values.domain(column.type.domain) if column.type.domain else ANYTHING
    both = rule.merged(rules[0])
    odd = None if tied or both is None else (column.type, both)
    return replace(planned, odd=odd, loose=loose)


def _looking(
    planned: Planned,
    both: tuple[Table, Table | None],
    demands: tuple[tuple[Choice, ...], tuple[Choice, ...]],
    values: Values,
) -> Planned:
    """The column of JSON with its look: for ordinary values head's constraints count, too.

    A constraint's word goes first, then the default's, which is of base's own rows, then what the
    upgrade and the models say.
    """
    if not is_json(planned.type):
        return planned
    known = values.looks.get((both[0].full_name, planned.name))
    default = _default_look(both, planned.name)
    rules = []
    for ways in demands:
        own = [way.rules.get(planned.name, ANYTHING).look for way in ways]
        found = next((look for look in own if look), None) or default or known
        more = found.merged(known) if found and known else None
        rules.append(Rule(look=more or found))
    odd = planned.odd
    if odd is not None:
        odd = (odd[0], odd[1].merged(rules[1]) or odd[1])
    return replace(planned, rule=planned.rule.merged(rules[0]) or planned.rule, odd=odd)


def _default_look(both: tuple[Table, Table | None], name: str) -> Json | None:
    """That of the column's default at base, else at head."""
    for each in both:
        column = each.column(name) if each else None
        found = default_look(column.default) if column and column.default else None
        if found is not None:
            return found
    return None


def _dropped(
    planned: Planned, after: Table | None, ways: tuple[Choice, ...], values: Values
) -> tuple[str, ...]:
    """Labels of an enum, or values that a constraint lists, which head leaves out."""
    then = after.column(planned.name) if after else None
    if planned.odd is None or then is None:
        return ()
    kind, rule = planned.odd
    if kind.kind == "enum" and not kind.array:
        kept = values.labels(then.type) if then.type.kind == "enum" else values.labels_before(kind)
        before = values.labels_before(kind) if rule.allowed is None else rule.allowed
        return tuple(item for item in before if item not in kept)
    listed = [way.rules.get(planned.name, ANYTHING).allowed for way in ways]
    if rule.allowed is None or None in listed:
        return ()
    return tuple(item for item in rule.allowed if all(item not in (it or ()) for it in listed))


def _checks(table: Table) -> tuple[str, ...]:
    checks = (item.definition for item in table.constraints if item.kind == "check")
    return tuple(dict.fromkeys(checks))


def _ways(table: Table, after: Table | None, bound: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Head's constraints beside base's, those left out that contradict them."""
    found, known = bound, _checks(table)
    names = {column.name for column in table.columns}
    for item in after.constraints if after else ():
        if item.kind == "check" and item.definition not in known and names >= set(item.columns):
            more = together((found, choices(item.definition)))
            if not all(choice.opaque for choice in more):
                found = more
    return found


def _ranks(table: Table, ways: Iterable[Choice]) -> dict[str, int]:
    """By position, so that an end comes after its beginning, unless a constraint says otherwise."""
    ranks = {column.name: column.position for column in table.columns}
    pairs = {pair for way in ways for pair in way.ordered if set(pair) <= ranks.keys()}
    for _ in range(len(pairs)):
        for lower, upper in sorted(pairs):
            ranks[upper] = max(ranks[upper], ranks[lower] + 1)
    return ranks
