"""Where the change made what is no part of a table: policies, views, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.explain.history.revisions import last_added, present
from bot.explain.schema.origin import Origin
from bot.facts import Project, Statement
from bot.facts.relation import RowPolicy
from bot.facts.schema import Function, Table, View
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import CreateFunction, Piece, pieces


def new_views(project: Project) -> Iterator[View]:
    """Views that base has not, or has with another definition."""
    head, base = project.schema, project.base_schema
    if head is None or base is None:
        return
    known = {item.full_name: item.definition for item in base.views}
    yield from (item for item in head.views if known.get(item.full_name) != item.definition)


def new_functions(project: Project) -> Iterator[tuple[Function, Function | None]]:
    """Functions that base has not, or has otherwise, each with base's."""
    head, base = project.schema, project.base_schema
    if head is None or base is None:
        return
    known = {item.signature: item for item in base.functions}
    for item in head.functions:
        if known.get(item.signature) != item:
            yield item, known.get(item.signature)


def view_made(project: Project, view: View) -> Origin | None:
    """Where the view was created, or created anew."""

    def makes(piece: Piece) -> bool:
        named = piece.relation is not None and piece.relation.names(view.full_name)
        return named and piece.kind in ("create view", "create materialized view")

    return made(project, makes, [(view.kind, view.full_name)])


def function_made(project: Project, function: Function) -> Origin | None:
    """Where the function was created, or created anew."""
    name = function.signature.partition("(")[0]

    def makes(piece: Piece) -> bool:
        return isinstance(piece.detail, CreateFunction) and piece.detail.name.names(name)

    return made(project, makes, [(function.kind, function.signature)])


def policy_made(project: Project, table: Table, policy: RowPolicy) -> Origin | None:
    """Where a row-security policy of the table was created or altered last."""

    def makes(piece: Piece) -> bool:
        named = piece.relation is not None and piece.relation.names(table.full_name)
        # a statement creates one policy and names it: its text holds the name as it is parsed
        return (
            named and piece.kind in ("create policy", "alter policy") and policy.name in piece.text
        )

    return made(project, makes, [("policy", f"{table.full_name}.{policy.name}")])


def made(
    project: Project, makes: Callable[[Piece], bool], names: Sequence[tuple[str, str]] = ()
) -> Origin | None:
    """The last statement that makes it; else the revision that has it since; else the last."""
    for item in reversed(present(project)):
        for statement in reversed(item.round_trip.upgrade.statements):
            if statement.sqlstate is None and any(map(makes, pieces(statement.sql))):
                return Origin(project, item, statement)
    for item in reversed(present(project)):
        if any((each.kind, each.name) in names for each in item.round_trip.upgrade.changed):
            return Origin(project, item)
    last = last_added(project)
    return Origin(project, last) if last else None


def ran_upward(project: Project) -> Iterator[tuple[Origin, Statement, Piece]]:
    """Every statement of the changed revisions' upgrades, each part of its text by itself."""
    for item in present(project):
        for statement in item.round_trip.upgrade.statements:
            for piece in pieces(statement.sql):
                yield Origin(project, item, statement), statement, piece


def found_at(
    place: Origin,
    *,
    title: str,
    message: str,
    subject: str,
    remedies: tuple[Remedy, ...],
    tables: tuple[str, ...] = (),
    confidence: Confidence = Confidence.CERTAIN,
    severity: Severity | None = None,
) -> Finding:
    """A finding at that place about something that is no table, or about several."""
    return Finding(
        path=place.path,
        line=place.line,
        title=title,
        message=message,
        subject=subject,
        confidence=confidence,
        severity=severity,
        project=place.project.config,
        revision=place.revision.revision,
        tables=tables,
        remedies=remedies,
    )
