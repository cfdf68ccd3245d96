"""An index for some columns of a table: the choice, its code, what to try. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.consult.asked import Use, asked
from bot.consult.index_choice import (
    Choice,
    Key,
    choose,
    covering,
    few_values,
    replaced,
)
from bot.consult.index_shapes import shapes
from bot.consult.revision_file import create_sql, revision_file
from bot.explain.names.conventions import filled
from bot.explain.names.naming import index_name, short
from bot.explain.schema.tenancy import is_guess, tenancy
from bot.facts import Project
from bot.facts.relation import Index
from bot.facts.relation import IndexKey as Held
from bot.facts.schema import Schema, Table
from bot.facts.trial import IndexTrial, IndexWork
from bot.policy import DEFAULTS, Options
from bot.sql import CreateIndex, IndexKey, Name, quoted
from bot.wording import code

SOFT_DELETES = ("deleted_at", "archived_at", "removed_at")
_GUESSED = (
    "{} is taken for the tenant, because the schema knows users and no tenants: if the rows are not"
    " theirs alone, name the table in `tenant-exempt`, or the right column in `tenant-column`."
)
_INDEX_KEYS = ("ix", "index")


@dataclass(frozen=True)
class Alternative:
    """Another index that may serve better, with its SQL and what speaks for and against it."""

    title: str
    sql: str
    trade_off: str


@dataclass(frozen=True)
class Suggestion:
    """What is suggested for one project's table.

    ``covered_by`` is an index that is there and serves as well: then nothing is to be made.
    ``revision`` and ``code`` are the id and text of a revision file. ``trial`` is what building it
    showed, None where it was not tried.
    """

    project: str
    table: Table
    choice: Choice
    name: str | None = None
    sql: str | None = None
    covered_by: Index | None = None
    replaces: tuple[Index, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    revision: str | None = None
    code: str | None = None
    heads: tuple[str, ...] = ()
    trial: IndexTrial | None = None


def suggestion(
    project: Project,
    table: Table,
    words: Sequence[str],
    options: Options = DEFAULTS,
    trial: IndexTrial | None = None,
) -> Suggestion:
    """The suggestion for that table of a project whose schema is known.

    The tenant is the one that the policies of tenancy go by.

    Raises:
        NotThere: a column or value is not there.
    """
    schema = project.schema or Schema()
    rules = tenancy(project, options)
    choice = choose(schema, table, asked(schema, table, words), rules)
    if rules and rules.column in choice.columns and is_guess(rules, options):
        choice = replace(choice, notes=(*choice.notes, _GUESSED.format(code(rules.column))))
    heads = project.head.heads
    plain = Suggestion(project.config, table, choice, heads=heads, trial=trial)
    if not choice.keys:
        return plain
    there = covering(table, choice)
    if there is not None:
        if there.unique and len(there.columns) < len(choice.keys):  # one row: the rest is no help
            keys = tuple(key for key in choice.keys if key.column.name in there.columns)
            plain = replace(plain, choice=replace(choice, keys=keys))
        return replace(plain, covered_by=there)
    twin = f"{table.schema}.{trial.twin}" if trial and trial.twin else None
    there = next((item for item in table.indexes if item.name == twin), None)
    if there is not None:
        return replace(plain, covered_by=there)
    index = _index(schema, table, choice, options.naming)
    revision, text = revision_file(index, table, schema, heads)
    return replace(
        plain,
        name=index.name,
        sql=create_sql(index, table),
        replaces=replaced(table, choice),
        alternatives=_alternatives(table, choice, index),
        revision=revision,
        code=text,
    )


def work(suggested: Suggestion) -> IndexWork | None:
    """What to build and ask; an index that is there is asked without building. None: nothing."""
    if suggested.covered_by is not None:
        name, create = suggested.covered_by.name.partition(".")[2], ""
    elif suggested.name and suggested.sql:
        name, create = suggested.name, suggested.sql
    else:
        return None
    table = suggested.table
    return IndexWork(table.full_name, name, create, shapes(table, suggested.choice))


def _index(schema: Schema, table: Table, choice: Choice, naming: Mapping[str, str]) -> CreateIndex:
    return CreateIndex(
        name=_name(schema, table, choice, naming),
        table=Name(table.name, table.schema),
        method=choice.method,
        keys=tuple(map(_key, choice.keys)),
        include=choice.include,
        predicate=choice.predicate,
    )


def _key(key: Key) -> IndexKey:
    name = key.column.name
    return IndexKey(quoted(name), name, descending=key.descending)


def _name(schema: Schema, table: Table, choice: Choice, naming: Mapping[str, str]) -> str:
    """By the project's pattern where it states one, and never one that is taken."""
    pattern = next((naming[key] for key in _INDEX_KEYS if key in naming), None)
    keys = tuple(Held(column) for column in choice.columns)
    if pattern:
        name = short(filled(pattern, table, Index("", keys, "")))
    else:
        name = index_name(schema, table.name, choice.columns)
    if choice.predicate:
        name = short(f"{name}_partial")
    taken = {index.name for each in schema.tables for index in each.indexes}
    number, free = 2, name
    while f"{table.schema}.{free}" in taken:
        free, number = short(f"{name}_{number}"), number + 1
    return free


def _alternatives(table: Table, choice: Choice, index: CreateIndex) -> tuple[Alternative, ...]:
    found = []
    softly = next((name for name in SOFT_DELETES if table.column(name)), None)
    if softly and choice.predicate is None and softly not in choice.columns:
        partial = replace(
            index, name=short(f"{index.name}_live"), predicate=f"{quoted(softly)} IS NULL"
        )
        found.append(
            Alternative(
                "only the rows that are not deleted",
                create_sql(partial, table),
                f"Smaller, and not written when a deleted row changes; it serves only queries that"
                f" say `{softly} IS NULL` themselves.",
            )
        )
    equal = choice.used(Use.EQUAL)
    alone = table.column(equal[-1]) if len(equal) > 1 else None
    begun = any(index.columns[:1] == equal[-1:] for index in table.indexes)
    if choice.method == "btree" and alone and not (choice.predicate or begun or few_values(alone)):
        single = replace(
            index,
            name=short(f"ix_{table.name}_{equal[-1]}"),
            keys=(IndexKey(quoted(equal[-1]), equal[-1]),),
            include=(),
        )
        found.append(
            Alternative(
                f"an index on {equal[-1]} alone",
                create_sql(single, table),
                "It serves every query by that column, whatever else is given, and is smaller; one"
                " that gives all of the columns reads more rows with it, and no order comes of it.",
            )
        )
    return tuple(found)
