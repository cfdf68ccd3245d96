"""A new name needs quotes, or is not in snake_case.

Without quotes PostgreSQL folds it to lower case and says that there is no such column, or that the
statement has a syntax error. Every query by hand, every report and every tool has to remember.

Use lower case, digits and underscores, and no reserved word.

Reference: https://www.postgresql.org/docs/current/sql-keywords-appendix.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.schema.new_objects import changes
from bot.explain.schema.origin import Origin, column_made, constraint_made, index_made, table_made
from bot.facts import Facts, Project
from bot.facts.schema import Table
from bot.policy import Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)

# Keywords that are taken as the name of a table or column all the same (there: "cannot be function
# or type name").
_HARMLESS = frozenset(
    """
    between bigint bit boolean char character coalesce dec decimal exists extract float greatest
    grouping inout int integer interval json least national nchar none normalize nullif numeric out
    overlay position precision real row setof smallint substring time timestamp treat trim values
    varchar
    """.split()  # noqa: SIM905 - a list of words, one a line, would fill the page
)
_SNAKE = re.compile(r"[a-z_][a-z0-9_]*")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table, column, constraint or index."""
    for project in facts.projects:
        for table, name, made in _names(project):
            if made is None:
                continue
            plain = _SNAKE.fullmatch(name) is not None
            better = f"{name}_" if plain else _snake(name)
            why = "is a reserved word" if plain else "is not in snake_case"
            yield made.finding(
                table,
                title=f"{code(name)} {why}",
                message=f"In SQL it is {code(quoted(name))}, in quotes.",
                subject=f"{table.full_name}: {name}",
                remedies=(
                    Remedy(
                        "Choose a name that needs no quotes",
                        f"For example:\n\n{block(better)}",
                    ),
                ),
            )


def _names(project: Project) -> Iterator[tuple[Table, str, Origin | None]]:
    found = changes(project)
    for table in found.tables:
        if _awkward(table.name):
            yield table, table.name, table_made(project, table)
    for column in found.columns:
        if column.before is None and _awkward(column.thing.name):
            yield column.table, column.thing.name, column_made(project, column)
    for constraint in found.constraints:
        if constraint.before is None and _awkward(constraint.thing.name):
            yield constraint.table, constraint.thing.name, constraint_made(project, constraint)
    for index in found.indexes:
        bare = index.thing.name.partition(".")[2]
        if index.before is None and index.thing.constraint is None and _awkward(bare):
            yield index.table, bare, index_made(project, index)


def _awkward(name: str) -> bool:
    reserved = quoted(name) != name and name not in _HARMLESS
    return reserved or not _SNAKE.fullmatch(name)


def _snake(name: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", parted).strip("_").lower() or "name"
