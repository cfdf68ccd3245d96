"""A key, constraint or index of several columns went with a dropped column.

PostgreSQL drops what mentions the column without a word, also where it guards or serves the columns
that stay: rows that it kept out come in, and queries that it served read the whole table.

Drop it by its name before the column, so that a reviewer sees it, and put in its place what the
remaining columns need.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DROP-COLUMN
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.explain.code.op_code import autocommit, call, on_table, strings
from bot.explain.code.undo import take_back
from bot.explain.losses.parts_of_columns import Went, went_with_columns
from bot.explain.losses.upgraded import upgraded
from bot.explain.names.names import own_name, python_string
from bot.explain.patch.changes import before
from bot.explain.patch.patch import called, patched
from bot.explain.schema.objects import labels, listed
from bot.explain.statements.group import Group, by_place, finding, least_sure
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line whose dropped columns took something along."""
    for found in upgraded(facts):
        for group in by_place(went_with_columns(found), lambda each: each.lost.ran, _table):
            yield _finding(facts, group)


def _table(each: Went) -> tuple[str, ...]:
    return (each.lost.table,)


def _finding(facts: Facts, group: Group[Went]) -> Finding:
    went = [each.item for each in group.items]
    columns = dict.fromkeys(f"{each.lost.table}.{each.lost.column}" for each in group.items)
    of = " and ".join(map(code, columns))
    return finding(
        group.ran,
        title=f"Dropping {of} also drops {labels(went)}",
        message=f"{code(group.ran.revision.revision)} drops {of}, and PostgreSQL takes along what "
        "mentions it, unnamed by the revision:\n\n" + listed(went, "new", "removed", ("was", "is")),
        about=",".join(item.label for item in went),
        tables=group.tables,
        confidence=least_sure(each.confidence for each in group.items),
        remedies=_remedies(facts, group),
        count=len(went),
        column=group.items[0].lost.column if len(columns) == 1 else None,
    )


def _remedies(facts: Facts, group: Group[Went]) -> tuple[Remedy, ...]:
    went = [each.item for each in group.items]
    drops = take_back(replace(item, before=None, after=item.before) for item in went)
    plain = called(facts, group.ran.path, group.ran.line)
    constraints = all(item.kind == "constraint" for item in went)
    patch = patched(facts, group.ran.path, before(group.ran.line, drops)) if plain else None
    name_them = Remedy(
        "Drop it by its name first" if len(went) == 1 else "Drop each of them by its name first",
        block(drops, "python"),
        patch=patch if constraints else None,
    )
    found = (_instead(each) for each in group.items)
    return (name_them, *(remedy for remedy in found if remedy))


def _instead(each: Went) -> Remedy | None:
    """An index on the columns that stay."""
    item, lost = each.item, each.lost
    if not each.stay:
        return None
    literal, schema = on_table(lost.table)
    name = "_".join(["ix", lost.table.rpartition(".")[2], *each.stay])[:63]
    code_ = call(
        "op.create_index",
        python_string(name),
        literal,
        strings(each.stay),
        **schema,
        postgresql_concurrently="True",
    )
    return Remedy(
        f"Index the columns that stay instead of {code(own_name(item))}",
        "In a revision before this one:\n\n" + block(autocommit(code_), "python"),
        trade_off="Only needed where queries filter by them.",
    )
