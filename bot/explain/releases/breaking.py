"""Steps of a revision that the running release does not bear: renamed, lost, refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.losses.lost import lost_columns, lost_tables
from bot.explain.losses.upgraded import Upgraded, upgraded
from bot.explain.releases.old_code import culprit
from bot.explain.releases.releases import broken, renamed
from bot.explain.statements.ran import Ran
from bot.facts import Facts
from bot.facts.models import ModelTable
from bot.wording import code


@dataclass(frozen=True)
class Break:
    """One step: what is done (Markdown), the table's name at base, and the statement."""

    upgraded: Upgraded
    ran: Ran
    words: str
    table: str


def breaks(facts: Facts) -> Iterator[Break]:
    """Every such step, one for each table and revision.

    What base's models do not map breaks nothing that is known of.
    """
    seen: set[tuple[int, str]] = set()
    for item in (*_by_name(facts), *_by_run(facts)):
        key = (id(item.upgraded.revision), item.table)
        if key not in seen:
            seen.add(key)
            yield item


def _by_name(facts: Facts) -> Iterator[Break]:
    for each in renamed(facts):
        table = each.upgraded.renames.table(each.table)
        if _mapped(each.upgraded, table, each.column):
            what = f"{each.table}.{each.column}" if each.column else each.table
            yield Break(each.upgraded, each.ran, f"{code(what)} is renamed", table)
    for found in upgraded(facts):
        for item in (*lost_columns(found), *lost_tables(found)):
            table = found.renames.table(item.table)
            if _mapped(found, table, item.column):
                what = f"{item.table}.{item.column}" if item.column else item.table
                yield Break(found, item.ran, f"{code(what)} is dropped", table)


def _by_run(facts: Facts) -> Iterator[Break]:
    """Statements of base's models that the new schema refuses, at the table's last change."""
    steps = list(upgraded(facts))
    for project in facts.projects:
        if project.deploy is None:
            continue
        own = [step for step in steps if step.project is project]
        for item in broken(project.deploy.before, project.deploy.after):
            at = culprit(own, item.after.table, item)
            if at is not None:
                found = next(step for step in own if step.revision is at.revision)
                words = f"{code(item.after.model)} of the running release fails on it"
                yield Break(found, at, words, item.after.table)


def _mapped(found: Upgraded, table: str, column: str | None) -> bool:
    models = found.project.base_models
    mapped = models.table(table) if models else None
    return mapped is not None and (column is None or mapped.column(column) is not None)


def model_at(found: Upgraded, table: str) -> tuple[ModelTable | None, ModelTable | None]:
    """What base's and head's models say of the table of that name at base."""
    models, base = found.project.models, found.project.base_models
    now = next(
        (
            each
            for each in (models.tables if models else ())
            if found.renames.table(each.name) == table
        ),
        None,
    )
    return (base.table(table) if base else None), now
