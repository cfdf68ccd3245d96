"""A policy, trigger or default asked for a setting that a session had not set, and failed.

`current_setting('app.tenant_id')` is an error where nobody set it: in every job, console, health
check and migration of data, and in the first query of a pooled connection.

Pass true as the second argument, so that it is NULL, and turn the empty text into NULL, too.

Reference: https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SET
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.new_objects import New
from bot.explain.schema.origin import Origin, column_made
from bot.explain.schema.origin_objects import found_at, made, policy_made
from bot.facts import Facts, Project
from bot.facts.schema import Table
from bot.facts.trials import UnsetSetting
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import Piece
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "row-security"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each policy, trigger and default."""
    for project in facts.projects:
        for item in project.trials.unset if project.trials else ():
            table = project.schema.table(item.table) if project.schema else None
            place = _place(project, table, item) if table else None
            if place is None:
                continue
            text = f"NULLIF(current_setting('{item.setting}', true), '')"
            yield found_at(
                place,
                title=f"The {item.kind} {code(item.name)} of {code(item.table)} fails without"
                f" {code(item.setting)}",
                message=f"In a session that did not set {code(item.setting)}, using"
                f" {code(item.table)} ended with:\n\n{block(item.message)}",
                subject=f"{item.kind} {item.table}.{item.name}:{item.setting}",
                tables=(item.table,),
                confidence=Confidence.OBSERVED,
                remedies=(
                    Remedy(
                        "Let it be NULL where nobody set it",
                        block(text, "sql"),
                        trade_off="A policy then shows no rows, instead of an error.",
                    ),
                ),
            )


def _place(project: Project, table: Table, item: UnsetSetting) -> Origin | None:
    if item.kind == "policy":
        policy = next((each for each in table.policies if each.name == item.name), None)
        return policy_made(project, table, policy) if policy else None
    if item.kind == "default":
        column = table.column(item.name)
        return column_made(project, New(table, column)) if column else None

    def makes(piece: Piece) -> bool:
        return piece.kind == "create trigger" and item.name in piece.text

    return made(project, makes, [("trigger", f"{item.table}.{item.name}")])
