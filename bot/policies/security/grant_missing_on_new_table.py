"""A new table lacked a privilege that its siblings give to a role.

The migration passes, and so do the tests, which own the table. The role that reports, exports or
serves gets "permission denied" after the release.

Grant with the table. Default privileges do it only for what their own creator creates.

Reference: https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import Origin, table_made
from bot.explain.schema.origin_objects import found_at, made
from bot.facts import Facts, Project
from bot.facts.schema import Sequence as DatabaseSequence
from bot.facts.schema import Table
from bot.policy import Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PRESETS = (5,)

_SIBLINGS = 2  # that all give it make it a rule


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table or sequence and role."""
    for project in facts.projects:
        base = project.base_schema
        if base is None or project.schema is None:
            continue
        tables = [item for item in base.tables if item.partition_of is None]
        for table in new_tables(project):
            for role, words in _lacking(table, [t for t in tables if t.schema == table.schema]):
                yield from _told(project, table, role, words, "TABLE")
        free = [item for item in base.sequences if not item.identity]
        known = {item.full_name for item in base.sequences}
        for sequence in project.schema.sequences:
            if sequence.full_name not in known and not sequence.identity:
                siblings = [item for item in free if item.schema == sequence.schema]
                for role, words in _lacking(sequence, siblings):
                    yield from _told(project, sequence, role, words, "SEQUENCE")


Granting = Table | DatabaseSequence


def _lacking(new: Granting, siblings: Sequence[Granting]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Roles with the privileges that all siblings give them and the new one does not."""
    if len(siblings) < _SIBLINGS:
        return
    first = {grant.role: grant.privileges for grant in siblings[0].grants}
    for role, words in first.items():
        common = set(words)
        for sibling in siblings[1:]:
            common &= _given(sibling, role)
        missing = tuple(word for word in words if word in common - _given(new, role))
        if missing and role not in ("PUBLIC", new.owner):
            yield role, missing


def _given(item: Granting, role: str) -> set[str]:
    return {word for grant in item.grants if grant.role == role for word in grant.privileges}


def _told(
    project: Project, item: Granting, role: str, words: tuple[str, ...], kind: str
) -> Iterator[Finding]:
    place: Origin | None = (
        table_made(project, item)
        if isinstance(item, Table)
        else made(project, lambda _: False, [("sequence", item.full_name)])
    )
    if place is None:
        return
    text = execute(
        f"GRANT {', '.join(words)} ON {kind} {sql_name(item.full_name)} TO {quoted(role)}"
    )
    yield found_at(
        place,
        title=f"{code(role)} has no {several(words)} on {code(item.full_name)}",
        message=f"Every other {kind.lower()} of {code(item.schema)} gives {code(role)}"
        f" {several(words)}; {code(item.full_name)} does not.",
        subject=f"{item.full_name}:{role}",
        tables=(item.full_name,) if isinstance(item, Table) else (),
        remedies=(Remedy("Grant it as well", block(text, "python")),),
    )
