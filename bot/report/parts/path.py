"""What the change does, in a sentence and revision by revision."""

from __future__ import annotations

from bot.explain.history.revisions import present
from bot.explain.names.commands import commands
from bot.explain.releases.releases import release_order
from bot.explain.schema.new_objects import new_tables, touched_tables
from bot.facts import ChangedRevision, Facts, Project, Statement
from bot.facts.locks import strongest
from bot.markup import sentence
from bot.report.parts.listing import bullets
from bot.verdict import Verdict
from bot.wording import code, several

_NO_PARENT = "base"


def summary(verdict: Verdict) -> str:
    """One sentence: which tables come and change, by how many revisions, in which order."""
    facts = verdict.facts
    new = [table.full_name for project in facts.projects for table in new_tables(project)]
    old = [
        table.full_name
        for project in facts.projects
        for table, base in touched_tables(project)
        if base is not None
    ]
    number = sum(len(present(project)) for project in facts.projects)
    done = [f"creates {several(new)}"] if new else []
    done += [f"changes {several(old)}"] if old else []
    first = f"{number} {'revision' if number == 1 else 'revisions'}"
    does = " and ".join(done) or "changes no table"
    if done and number != 1:
        does = does.replace("creates", "create").replace("changes", "change")
    return f"{first} {does}.{_order(facts)}"


def _order(facts: Facts) -> str:
    found = dict.fromkeys(
        order[0] for project in facts.projects if (order := release_order(project)) is not None
    )
    return f" Deployment: {', '.join(found)}." if found else ""


def migration_path(verdict: Verdict) -> str:
    """Each revision in its order: its changes, its strongest lock, the commands up and down."""
    written = [
        _revision(project, item) for project in verdict.facts.projects for item in present(project)
    ]
    return "\n\n".join(written[:20])


def _revision(project: Project, item: ChangedRevision) -> str:
    step = item.round_trip.upgrade
    labels = [
        f"{'adds' if each.before is None else 'drops' if each.after is None else 'changes'} "
        f"{code(each.label)}" + (f" ({code(each.attribute)})" if each.attribute else "")
        for each in step.changed
    ]
    down = item.down_revision[0] if item.down_revision else _NO_PARENT
    config = () if project.config == "alembic.ini" else ("-c", project.config)
    way = commands(
        ("alembic", *config, "upgrade", item.revision), ("alembic", *config, "downgrade", down)
    )
    parts = [f"{code(item.revision)} {sentence(item.message, 120)}".strip()]
    parts += [bullets(labels, 12)] if labels else ["Changes no object of the schema."]
    parts += [_locks(step.statements), way]
    return "\n\n".join(part for part in parts if part)


def _locks(statements: tuple[Statement, ...]) -> str:
    """The strongest lock on each table that was there, and how long the statements took here."""
    held: dict[str, list[str]] = {}
    for each in statements:
        for effect in each.effects:
            if effect.existed and effect.locks:
                held.setdefault(effect.relation, []).extend(effect.locks)
    known = {table: strongest(tuple(modes)) for table, modes in held.items()}
    lines = [f"locks {code(table)}: {code(mode)}" for table, mode in known.items() if mode]
    return bullets(lines, 10)
