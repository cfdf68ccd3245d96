"""A table was dropped, and with it all of its rows.

The downgrade can create the table again, but not its rows. Code of the running release that still
uses it fails at once, and whoever needs the rows next year finds out too late.

First release code that does without the table, then drop it in a revision of a later release.
Before that, put its rows where they can be found again.

Reference: https://www.postgresql.org/docs/current/sql-droptable.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.explain.code.op_code import call, on_table
from bot.explain.losses.lost import Lost, lost_tables
from bot.explain.losses.upgraded import upgraded
from bot.explain.names.commands import commands
from bot.explain.names.names import python_string
from bot.explain.schema.mapped import unmapped
from bot.explain.statements.group import Group, by_place, finding, least_sure
from bot.explain.statements.locks import names
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PRESETS = (3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line that drops tables."""
    for found in upgraded(facts):
        for group in by_place(
            lost_tables(found), lambda item: item.ran, lambda item: (item.table,)
        ):
            yield _finding(group)


def _finding(group: Group[Lost]) -> Finding:
    project, count = group.ran.project, len(group.tables)
    released = all(unmapped(project, table) for table in group.tables)
    mapped = (
        "The models on the base branch do not map it any more: the running release does without."
        if released
        else "Code of the running release that still uses what is gone fails from then on."
    )
    defined = "\n\n".join(
        block(each.definition, "sql", 1500) for each in group.items[:5] if each.definition
    )
    at = code(group.ran.revision.revision)
    said = finding(
        group.ran,
        title=f"{at} drops table{'s' if count > 1 else ''} {several(group.tables, 3)}",
        message=f"{at} takes {names(group.tables)} away with every row; a downgrade brings back an "
        f"empty table at best. {mapped}\n\n{defined}".strip(),
        about=",".join(group.tables),
        tables=group.tables,
        confidence=least_sure(each.confidence for each in group.items),
        remedies=_remedies(group, released=released),
        count=count,
    )
    return replace(said, severity=Severity.NOTE) if released else said


def _remedies(group: Group[Lost], *, released: bool) -> tuple[Remedy, ...]:
    table, revision = group.tables[0], group.ran.revision.revision
    literal, schema = on_table(table)
    unused = python_string(f"Unused since {revision}; to be dropped in the next release")
    later = Remedy(
        "Stop using it in this release, drop it in the next",
        "Take it out of the models, leave it in place, and say so where everybody looks:\n\n"
        + block(call("op.create_table_comment", literal, unused, **schema), "python")
        + "\n\nDrop it in a revision of the next release, when no process of this one runs.",
        trade_off="One more release.",
    )
    dump = Remedy(
        "Keep its rows in a file",
        "Right before the release, from the database that is to lose them:\n\n"
        + commands(
            *(("pg_dump", f"--table={each}", f"--file={each}.sql") for each in group.tables)
        ),
        trade_off="What is written between the dump and the upgrade is in neither; and the file "
        "holds what a privacy rule may want gone.",
    )
    return (dump,) if released else (later, dump)
