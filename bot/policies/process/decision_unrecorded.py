"""A decision for years was made, and the change brought no record of it.

Partitions, row security, an extension and a deliberate copy are easy to start with and dear to take
back. Whoever meets them later has to know what was weighed, or will undo it by accident.

Add a short decision record: what was decided, why, what else was considered.

Reference: https://adr.github.io/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.explain.guesses.copies import copied
from bot.explain.history.paths import matches
from bot.explain.history.revisions import present
from bot.explain.history.told import of_revision, texts
from bot.explain.schema.new_objects import new_columns, touched_tables
from bot.explain.schema.origin import Origin, column_made, in_order, table_altered, table_made
from bot.facts import Change, Facts, Project
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (2, 5)
OPTIONS = {"decision-paths": "patterns of the files that decisions are recorded in"}

PATHS = ("adr/", "adrs/", "decisions/", "decision-records/", "*adr-*.md", "*-adr.md")
_NAMED = re.compile(r"\bADR[-_ ]?\d+\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Decision:
    """What was decided, in words, and where; the table or extension that it is about."""

    words: str
    about: str
    made: Origin | None


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each decision, unless a record comes with the change or is named in it."""
    patterns = options.of("decision-unrecorded", "decision-paths", PATHS)
    if any(
        file.change is not Change.DELETED and matches(file.path, patterns) for file in facts.files
    ):
        return
    for project in facts.projects:
        said = texts(facts, *present(project))
        if _NAMED.search(said) or _names_one(facts, said, patterns):
            continue
        for item in _decisions(project):
            if item.made is not None:
                yield _finding(project, item, item.made)


def _names_one(facts: Facts, said: str, patterns: tuple[str, ...]) -> bool:
    kept = (path for path in facts.kept.documents if matches(path, patterns))
    return any(path in said or path.rpartition("/")[2] in said for path in kept)


def _decisions(project: Project) -> Iterator[_Decision]:
    for table, base in touched_tables(project):
        name = code(table.full_name)
        if table.partition_of is None and table.partitioning and not (base and base.partitioning):
            yield _Decision(f"{name} is partitioned", table.full_name, table_made(project, table))
    yield from _secured(project)
    for new in new_columns(project):
        why = copied(project.schema, new.table, new.thing) if project.schema else None
        if why is not None and new.before is None and not new.thing.generated:
            about = f"{new.table.full_name}.{new.thing.name}"
            made = column_made(project, new)
            yield _Decision(f"{code(about)} {why.short}", about, made)
    for item in present(project):
        for each in item.round_trip.upgrade.changed:
            if each.kind == "extension" and each.before is None:
                words = f"The extension {code(each.name)} comes in"
                yield _Decision(words, each.name, _by_text(project, each.name))


def _secured(project: Project) -> Iterator[_Decision]:
    """Row security, decided once however many tables it is for."""
    new = [
        table
        for table, base in touched_tables(project)
        if table.row_security and not (base and base.row_security)
    ]
    made = in_order(project, (table_altered(project, each, "enable row security") for each in new))
    if made:
        names = several(tuple(table.full_name for table in new))
        about = new[0].full_name if len(new) == 1 else "row security"
        yield _Decision(f"Row security is on for {names}", about, made[0])


def _by_text(project: Project, extension: str) -> Origin | None:
    """The statement that creates the extension, else the first revision."""
    bare = extension.rpartition(".")[2]
    for item in present(project):
        for statement in item.round_trip.upgrade.statements:
            if "extension" in statement.sql.lower() and bare in statement.sql:
                return Origin(project, item, statement)
    return next((Origin(project, item) for item in present(project)), None)


def _finding(project: Project, item: _Decision, made: Origin) -> Finding:
    text = f"# {item.about}\n\n## Decided\n\n…\n\n## Why\n\n…\n\n## What else was considered\n\n…"
    found = of_revision(
        project,
        made.revision,
        title=f"{item.words}, and no record says why",
        message="It is dear to take back, and what was weighed is not to be read from the schema. "
        "The change adds no decision record, and nothing in it names one.",
        about=item.about,
        path=made.path,
        remedies=(
            Remedy("Record the decision", f"`docs/adr/<number>-<name>.md`:\n\n{block(text, 'md')}"),
            Remedy(
                "Name the record that there is",
                "`See ADR-<number>.` in the docstring or the pull request.",
            ),
        ),
    )
    return replace(found, line=made.line)
