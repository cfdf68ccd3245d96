"""Why a step failed on rows: which table and columns, and what about their values. Pure.

SQLSTATEs are those of PostgreSQL's appendix "PostgreSQL Error Codes". Names come from the server's
message, which is matched in English; with other messages the SQLSTATE remains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.facts import Failure, FailureKind, Step
from bot.facts.rows import Trait
from bot.facts.schema import Schema, Table
from bot.observe.rows.keys import mentioned

NOT_NULL, FOREIGN_KEY, UNIQUE, CHECK, EXCLUDE = "23502", "23503", "23505", "23514", "23P01"
_OF_VALUES = frozenset({"21000", "P0001", NOT_NULL, FOREIGN_KEY, UNIQUE, CHECK, EXCLUDE})
_CLASSES_OF_VALUES = ("22", "54")  # data exceptions, program limits exceeded
_ODD = {
    NOT_NULL: Trait.NULLS,
    "22004": Trait.NULLS,  # null_value_not_allowed
    FOREIGN_KEY: Trait.ORPHANS,
    UNIQUE: Trait.DUPLICATES,
    "22001": Trait.LONG,  # string_data_right_truncation
    "22003": Trait.EXTREMES,  # numeric_value_out_of_range
    "22008": Trait.OLD_DATES,  # datetime_field_overflow
    "54000": Trait.LONG,  # program_limit_exceeded: an index row too large
}
_OF_THE_CODE = frozenset(  # exceptions that no value of a row explains
    {"NameError", "ImportError", "ModuleNotFoundError", "SyntaxError", "UnboundLocalError"}
    | {"NotImplementedError", "ObjectNotExecutableError", "CompileError", "InvalidRequestError"}
)
_COLUMN = re.compile(r'column "(?P<column>.+?)" of (?:relation|table) "(?P<table>.+?)"')
_TABLE = re.compile(r'(?:relation|on table|ALTER TABLE) "(?P<table>.+?)"')
_NAMED = re.compile(r'(?:constraint|unique index) "(?P<name>.+?)"')


@dataclass(frozen=True)
class Place:
    """What a failure is about, as far as it tells."""

    table: str | None = None
    columns: tuple[str, ...] = ()
    constraint: str | None = None


def place_of(failure: Failure, base: Schema, head: Schema) -> Place:
    """The table, columns and constraint that the message names, as the schemas know them."""
    text = failure.message.partition("\n")[0]
    constraint = _NAMED.search(text)
    if constraint:
        for schema in (head, base):
            found = _constrained(schema, constraint["name"])
            if found:
                return found
    column = _COLUMN.search(text)
    named = column or _TABLE.search(text)
    if not named:
        return Place(constraint=constraint["name"] if constraint else None)
    table = _table(base, named["table"]) or _table(head, named["table"])
    return Place(
        table.full_name if table else None,
        (column["column"],) if column else (),
        constraint["name"] if constraint else None,
    )


def odd_trait(failure: Failure) -> Trait | None:
    """The trait of odd rows that the failure is known by; None where it must be found out."""
    if failure.sqlstate is None and "NoneType" in failure.message:
        return Trait.NULLS
    return _ODD.get(failure.sqlstate or "")


def ordinary_trait(failure: Failure, place: Place, step: Step, base: Schema) -> Trait:
    """Whether ordinary rows failed for what they hold, or any row would have.

    Any row would where nothing of it matters: a new column gets the same value in all of them,
    unless the step fills it from others.
    """
    if failure.kind is not FailureKind.DATABASE:
        code = failure.exception in _OF_THE_CODE
        return Trait.ANY if code else Trait.INVENTED
    state = failure.sqlstate or ""
    if state not in _OF_VALUES and not state.startswith(_CLASSES_OF_VALUES):
        return Trait.ANY
    table = base.table(place.table or "")
    if table is None or not place.columns or any(map(table.column, place.columns)):
        return Trait.INVENTED
    filled = any(
        effect.relation == place.table and effect.updated
        for statement in step.statements
        for effect in statement.effects
    )
    return Trait.INVENTED if filled else Trait.ANY


def same(one: Failure, other: Failure) -> bool:
    """Whether both are of one line and one kind."""
    return (one.path, one.line, one.sqlstate, one.exception) == (
        other.path,
        other.line,
        other.sqlstate,
        other.exception,
    )


def _constrained(schema: Schema, name: str) -> Place | None:
    for table in schema.tables:
        for constraint in table.constraints:
            if constraint.name == name:
                return Place(table.full_name, constraint.columns, name)
        for index in table.indexes:
            if index.name == f"{table.schema}.{name}":
                return Place(table.full_name, tuple(mentioned(index)), name)
    return None


def _table(schema: Schema, name: str) -> Table | None:
    return next((table for table in schema.tables if table.name == name), None)
