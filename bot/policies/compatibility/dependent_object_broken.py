"""A view, function, trigger or policy no longer worked after the upgrade.

PostgreSQL keeps a view together with its columns. The body of a function is a text to it, which is
looked at when somebody calls it: after the release, in the middle of a request. Each was used on
rows before the upgrade and after it, functions with NULL as their arguments; where the server has
the extension plpgsql_check, every branch of a body in PL/pgSQL was looked at as well.

Change what depends on it in the same revision, before what it needs goes.

Reference: https://www.postgresql.org/docs/current/ddl-depend.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.revisions import last_added
from bot.explain.names.names import execute, sql_name
from bot.explain.schema.origin import Origin
from bot.explain.schema.origin_objects import found_at, ran_upward
from bot.facts import Facts, Project
from bot.facts.trials import Broken
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import AlterTable, Drop, Piece, Rename, quoted
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each object, at the statement that took away what it needs."""
    for project in facts.projects:
        for item in project.trials.broken if project.trials else ():
            place = _cause(project, item)
            if place is None:
                continue
            on = f" of {code(item.table)}" if item.table else ""
            yield found_at(
                place,
                title=f"The {item.kind} {code(item.name)} no longer works",
                message=f"Before the upgrade the {item.kind} {code(item.name)}{on} was"
                f" {item.tried} without {_said(item)}:\n\n"
                + block(f"{item.sqlstate}: {item.message}"),
                subject=f"{item.kind} {item.name}",
                tables=(item.table,) if item.table else (),
                confidence=Confidence.OBSERVED if item.line is None else Confidence.CERTAIN,
                remedies=(
                    Remedy(
                        f"Make the {item.kind} anew in this revision",
                        "With the new names, at the statement that breaks it; as it is now in"
                        f" `downgrade`:\n\n{block(execute(_definition(project, item)), 'python')}",
                    ),
                    Remedy(
                        "Drop it, if nobody uses it any more",
                        trade_off="The release that is still running may.",
                    ),
                ),
            )


def _said(item: Broken) -> str:
    """Who says what is wrong of which place."""
    if item.line is None:
        return "an error. After it PostgreSQL says"
    place = f"line {item.line} of its body"
    if item.statement:
        place += f" ({code(item.statement)})"
    return f"this error. After it whoever comes to {place} meets"


def _definition(project: Project, item: Broken) -> str:
    """The SQL that makes the object, or what its trigger calls, as it is after the upgrade."""
    schema = project.schema
    table = schema.table(item.table) if schema and item.table else None
    called = (
        {t.function for t in table.triggers if item.name.endswith(f".{t.name}")} if table else ()
    )
    for function in schema.functions if schema else ():
        name = function.signature.partition("(")[0]
        if name in called or name == item.name.partition("(")[0]:
            return function.definition.strip()
    for view in schema.views if schema else ():
        if view.full_name == item.name:
            materialized = "MATERIALIZED " if view.kind != "view" else ""
            return f"CREATE {materialized}VIEW {sql_name(view.full_name)} AS\n{view.definition}"
    own = item.name.rpartition(".")[2]
    return f"ALTER POLICY {quoted(own)} ON {sql_name(item.table or '')} USING (…)"


def _cause(project: Project, item: Broken) -> Origin | None:
    """The last statement that drops, renames or retypes what the message names; else the last."""
    places = [(place, piece) for place, _, piece in ran_upward(project)]
    for place, piece in reversed(places):
        if any(name and f'"{name}"' in item.message.replace(".", '"') for name in _gone(piece)):
            return place
    for place, piece in reversed(places):
        if any(name and name in item.message for name in _gone(piece)):
            return place
    altering = [place for place, piece in places if tuple(_gone(piece))]
    if altering or places:
        return altering[-1] if altering else places[-1][0]
    last = last_added(project)
    return Origin(project, last) if last else None


def _gone(piece: Piece) -> Iterator[str]:
    """The names that are not there, or not the same, after the statement."""
    match piece.detail:
        case Drop(names=names):
            yield from (name.name for name in names)
        case Rename(old=old):
            yield old
        case AlterTable(actions=actions):
            for action in actions:
                if action.kind in ("drop column", "alter column type", "set not null"):
                    yield action.column or action.name or ""
                elif action.constraint is not None:
                    yield action.constraint.name or ""
        case _:
            pass
