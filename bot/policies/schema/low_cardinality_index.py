"""A new index held nothing but a column of few values.

Half of the table has the same key: the planner reads the table instead, and every write pays for
the index.

Index the rare value alone (a partial index), or another column of those rows.

Reference: https://www.postgresql.org/docs/current/indexes-partial.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.code.alembic_code import create_index
from bot.explain.code.op_code import text
from bot.explain.guesses.column_words import DELETED_FLAG, is_flag
from bot.explain.names.naming import short
from bot.explain.schema.new_objects import New, new_indexes
from bot.explain.schema.origin import index_made
from bot.facts import Facts, Project
from bot.facts.relation import Index
from bot.facts.schema import Column
from bot.policy import Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (4, 5)

# As PostgreSQL prints ``CHECK (state IN ('new', 'old'))``, and nothing else.
_LIST = re.compile(r"CHECK \(\(\S+(?:::\w+)? = ANY \(\(?ARRAY\[(.*)\](?:\)?::[\w\[\]]+)?\)\)\)")
_FEW = 8  # values of an enum or a CHECK


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each plain index on one such column; soft-delete flags are left out."""
    for project in facts.projects:
        for new in new_indexes(project):
            column = _only_column(new)
            values = _values(project, new, column) if column else None
            made = index_made(project, new) if values else None
            if column is None or values is None or made is None:
                continue
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} tells {len(values)} values apart",
                message=f"{code(column.name)} of {code(new.table.full_name)} has"
                f" {len(values)} values, so a query by it finds a large part of the table, and the"
                " planner will rather read all of it.",
                subject=new.thing.name,
                column=column.name,
                remedies=(_partial(new, column, values[-1]),),
            )


def _only_column(new: New[Index]) -> Column | None:
    index = new.thing
    plain = index.method == "btree" and not index.unique and index.predicate is None
    if not plain or len(index.keys) != 1 or index.include or new.before is not None:
        return None
    column = new.table.column(index.columns[0] or "")
    return None if column is None or column.name in DELETED_FLAG else column


def _values(project: Project, new: New[Index], column: Column) -> list[str] | None:
    """The values that the column can have, as SQL, where they are few."""
    found: list[str] = []
    if is_flag(column):
        found = ["false", "true"]
    elif column.type.kind == "enum" and project.schema is not None:
        enums = {item.name: item.values for item in project.schema.enums}
        found = ["'" + value.replace("'", "''") + "'" for value in enums.get(column.type.base, ())]
    else:
        for item in new.table.constraints:
            listed = _LIST.fullmatch(item.definition)
            if item.kind == "check" and item.columns == (column.name,) and listed:
                found = re.findall(r"'(?:[^']|'')*'", listed[1])
    return found if 0 < len(found) <= _FEW else None


def _partial(new: New[Index], column: Column, value: str) -> Remedy:
    where = quoted(column.name) + ("" if value == "true" else f" = {value}")
    index = create_index(
        new.table,
        short(f"{new.thing.name.partition('.')[2]}_rare"),
        ("<what the list is sorted by>",),
        concurrently=new.base is not None,
        postgresql_where=text(where),
    )
    return Remedy(
        "Index the rows that are looked for, and only those",
        f"If most queries ask for {code(where)}:\n\n{block(index, 'python')}",
    )
