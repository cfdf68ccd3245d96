"""A name did not follow the standard.

Names that follow one rule can be written from memory: in a downgrade, in a query plan, in an error
handler. One that does not has to be looked up each time.

Name it as the rule says: the metadata's `naming_convention` where there is one, else `naming` of
the configuration, else `idx_{table}_{columns}`, `uq_…`, `fk_{table}_{ref_table}`, `ck_{table}_…`.

Reference: https://docs.sqlalchemy.org/en/20/core/constraints.html#configuring-constraint-naming-conventions
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.names.conventions import KEYS, filled, keeps_to, patterns
from bot.explain.schema.nameless import nameless
from bot.explain.schema.new_objects import changes
from bot.explain.schema.origin import Origin, column_made, constraint_made, index_made, table_made
from bot.facts import Facts, Project
from bot.facts.relation import Constraint, Index
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new name outside its pattern; those PostgreSQL chose are left out."""
    for project in facts.projects:
        stated = project.models.naming_convention if project.models else None
        wanted = patterns(options.naming, stated)
        chosen = {(item.table.full_name, item.thing.name) for item in nameless(project)}
        for table, kind, thing, made in _named(project):
            bare = thing.name.partition(".")[2] if kind == "ix" else thing.name
            own = wanted.get(kind, ())
            known = (table.full_name, thing.name) in chosen
            if known or any(keeps_to(bare, pattern, table, thing) for pattern in own) or not own:
                continue
            better = filled(own[0], table, thing)
            if made is not None and not _second(table, thing, better):
                yield _finding(made, table, bare, better)
        for table, kind, name, made in _plain(project):
            pattern = options.naming.get(kind)
            if made is not None and pattern and not re.fullmatch(pattern, name):
                yield _finding(made, table, name, pattern)


def _second(table: Table, thing: Constraint | Index, name: str) -> bool:
    """Whether another constraint has that name already, and this one adds a word to it."""
    taken = any(other is not thing and other.name == name for other in table.constraints)
    return taken and thing.name.startswith(f"{name}_")


def _named(project: Project) -> Iterator[tuple[Table, str, Constraint | Index, Origin | None]]:
    found = changes(project)
    for constraint in found.constraints:
        if constraint.before is None:
            made = constraint_made(project, constraint)
            yield constraint.table, KEYS.get(constraint.thing.kind, ""), constraint.thing, made
    for index in found.indexes:
        if index.before is None and index.thing.constraint is None:
            kind = "uq" if index.thing.unique else "ix"
            yield index.table, kind, index.thing, index_made(project, index)


def _plain(project: Project) -> Iterator[tuple[Table, str, str, Origin | None]]:
    """Tables and columns: their patterns are regular expressions, of the settings alone."""
    found = changes(project)
    for table in found.tables:
        yield table, "table", table.name, table_made(project, table)
    for column in found.columns:
        if column.before is None:
            made = column_made(project, column)
            yield column.table, "column", column.thing.name, made


def _finding(made: Origin, table: Table, name: str, better: str) -> Finding:
    return made.finding(
        table,
        title=f"{code(name)} does not follow the naming standard",
        message=f"By the standard it would be {code(better)}.",
        subject=f"{table.full_name}: {name}",
        remedies=(
            Remedy(
                f"Call it {code(better)}",
                f"Wherever {code(name)} is written, the downgrade included:\n\n{block(better)}",
            ),
        ),
    )
