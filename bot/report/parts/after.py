"""Before and after the change is applied: what to back up, what to verify, what remains."""

from __future__ import annotations

from bot.explain.history.revisions import present
from bot.explain.losses.destructive import destroyed
from bot.explain.losses.upgraded import upgraded
from bot.explain.names.names import sql_name
from bot.explain.schema.new_objects import new_columns, new_constraints, new_indexes, new_tables
from bot.facts import Facts, Project
from bot.markup import sentence
from bot.policy import Severity
from bot.report.parts.listing import bullets
from bot.verdict import Verdict
from bot.wording import block, code

_KINDS = ("check", "foreign key")  # constraints that can be there without being validated


def back_up(verdict: Verdict) -> str:
    """What the upgrade takes away or writes anew, and how to copy it."""
    facts = verdict.facts
    gone = [item for found in upgraded(facts) for item in destroyed(found)]
    lines = [f"{item.kind} {code(item.name)} is gone after the upgrade" for item in gone]
    rewritten = _rewritten(facts)
    lines += [f"every row of {code(table)} is written anew" for table in rewritten]
    if not lines:
        return "Nothing is taken away or written anew: the usual backup is enough."
    tables = dict.fromkeys([*(item.table for item in gone), *rewritten])
    options = " ".join(f"--table={_shell(sql_name(table))}" for table in list(tables)[:20])
    command = f'pg_dump --format=custom --data-only {options} --file=before.dump "$DATABASE_URL"'
    return f"{bullets(lines)}\n\nBefore it is applied:\n\n{block(command, 'sh')}"


def _rewritten(facts: Facts) -> list[str]:
    return list(
        dict.fromkeys(
            effect.relation
            for found in upgraded(facts)
            for each in found.ran
            for effect in each.existing
            if effect.rewritten
        )
    )


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def verification(verdict: Verdict) -> str:
    """What to look at once it is applied: the heads, what is new, what may be invalid."""
    lines: list[str] = []
    queries: list[str] = []
    for project in verdict.facts.projects:
        if project.head.heads:
            heads = ", ".join(code(f"{head} (head)") for head in project.head.heads)
            lines.append(f"`alembic current` says {heads}")
        lines += _there(project)
        queries += _queries(project)
    parts = [bullets(lines)]
    if queries:
        parts.append("Each of these finds nothing:\n\n" + block("\n".join(queries), "sql"))
    return "\n\n".join(part for part in parts if part)


def _there(project: Project) -> list[str]:
    tables = [f"the table {code(table.full_name)} is there" for table in new_tables(project)]
    new = {table.full_name for table in new_tables(project)}
    columns = [
        f"the column {code(f'{item.table.full_name}.{item.thing.name}')} is there: "
        f"{code(item.thing.type.name)}{'' if item.thing.nullable else ', NOT NULL'}"
        for item in new_columns(project)
        if item.before is None and item.table.full_name not in new
    ]
    return tables + columns


def _queries(project: Project) -> list[str]:
    """SQL that finds invalid indexes, unvalidated constraints and rows that were not filled."""
    found: list[str] = []
    names = [item.thing.name for item in new_indexes(project)]
    if names:
        listed = ", ".join(_literal(sql_name(name)) for name in names[:20])
        found.append(
            "SELECT indexrelid::regclass FROM pg_index\n"
            f" WHERE NOT indisvalid AND indexrelid::regclass::text IN ({listed});"
        )
    made = [(kind, item) for kind in _KINDS for item in new_constraints(project, kind)]
    if made:
        listed = ", ".join(_literal(item.thing.name) for _, item in made[:20])
        found.append(
            "SELECT conrelid::regclass, conname FROM pg_constraint\n"
            f" WHERE NOT convalidated AND conname IN ({listed});"
        )
    return found


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def follow_up(verdict: Verdict) -> str:
    """What remains: constraints to validate, warnings and notes, what was not checked."""
    lines = [
        f"validate {code(item.thing.name)} on {code(item.table.full_name)} in a later revision"
        for project in verdict.facts.projects
        for kind in _KINDS
        for item in new_constraints(project, kind)
        if not item.thing.validated
    ]
    lines += [
        f"decide on: {sentence(item.title, 200)} (`{item.policy}`)"
        for item in verdict.counting
        if item.severity is not Severity.BLOCK
    ]
    lines += [f"{sentence(entry.what)}: {sentence(entry.do)}" for entry in verdict.not_checked]
    if not lines and any(present(project) for project in verdict.facts.projects):
        return "Nothing remains to be done."
    return bullets(lines)
