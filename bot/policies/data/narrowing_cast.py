"""A type change can lose or refuse values that the column holds.

The new type has no room for some values of the old one. They are refused, and the upgrade stops on
the database that holds one; or they are rounded and cut off without a word, on every database.

Count the values that do not fit before the release. Where some may come later, keep them out with a
CHECK first, and change the type when it holds.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DATA-TYPE
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import call, on_table, steps
from bot.explain.losses.casts import Cast, casts
from bot.explain.losses.misfit import Misfit, misfit
from bot.explain.losses.upgraded import upgraded
from bot.explain.names.names import execute, python_string, sql_name, sql_text
from bot.explain.statements.group import Group, by_place, finding, least_sure
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PRESETS = (3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line that changes types."""
    for found in upgraded(facts):
        for group in by_place(casts(found), lambda cast: cast.ran, lambda cast: (cast.table,)):
            yield _finding(group)


def _finding(group: Group[Cast]) -> Finding:
    first, names = group.items[0], [f"{cast.table}.{cast.column}" for cast in group.items]
    told = "\n".join(
        f"- {code(f'{cast.table}.{cast.column}')} from {code(cast.before)} to {code(cast.after)}: "
        f"{cast.what}"
        for cast in group.items[:30]
    )
    at = code(group.ran.revision.revision)
    return finding(
        group.ran,
        title=f"{at} makes the type of {several(names, 3)} narrower",
        message=f"Values that fitted into the old type may not fit into the new one:\n\n{told}",
        about=",".join(names),
        tables=group.tables,
        confidence=least_sure(cast.confidence for cast in group.items),
        remedies=_remedies(group.items),
        count=len(names),
        column=first.column if len(names) == 1 else None,
    )


def _remedies(casts_: tuple[Cast, ...]) -> tuple[Remedy, ...]:
    found = [(cast, _misfit(cast)) for cast in casts_[:5]]
    queries = "\n".join(
        f"SELECT count(*) FROM {sql_name(cast.table)} WHERE {each.values};" for cast, each in found
    )
    notes = dict.fromkeys(each.note for _, each in found if each.note)
    count = Remedy(
        "Count the values that do not fit, on the database that has them",
        "\n\n".join((block(queries, "sql"), *notes)),
        trade_off="True for the moment: what is written until the upgrade may not fit again.",
    )
    return (count, *(_guard(cast, each.fits) for cast, each in found if each.fits))


def _misfit(cast: Cast) -> Misfit:
    if not cast.values:
        return misfit(cast.column, cast.before, cast.after)
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in cast.values)
    return Misfit(f"{quoted(cast.column)}::text IN ({listed})")


def _guard(cast: Cast, fits: str) -> Remedy:
    """Keep what does not fit out before the type changes."""
    literal, schema = on_table(cast.table)
    bare = cast.table.rpartition(".")[2]
    own = f"ck_{bare}_{cast.column}_fits"[:63]
    check = call(
        "op.create_check_constraint",
        python_string(own),
        literal,
        python_string(sql_text(fits)),
        **schema,
        postgresql_not_valid="True",
    )
    validate = execute(f"ALTER TABLE {sql_name(cast.table)} VALIDATE CONSTRAINT {quoted(own)}")
    return Remedy(
        f"Keep such values out of {code(cast.column)} first, and change the type later",
        steps(
            ("In this revision:", check),
            ("In the next one, once the rows that do not fit are dealt with:", validate),
        )
        + "\n\nThen the old type with the CHECK holds what the new type would.",
        trade_off="Two more revisions; new rows are held to it from the first one on.",
    )
