"""A new CHECK accepted every value that it was tried with, or refused its column's own default.

A condition that cannot be false guards nothing while everybody believes that it does; one that the
default breaks fails with every INSERT that leaves the column out.

Write what has to hold. A CHECK passes when it is NULL, so say NOT NULL where that is meant.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-CHECK-CONSTRAINTS
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import alter_column, create_check
from bot.explain.schema.new_objects import new_constraints
from bot.explain.schema.origin import constraint_made
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)

_ENOUGH = 3  # values that say something


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each constraint, with what it accepted or refused."""
    for project in facts.projects:
        trials = {(trial.table, trial.constraint): trial for trial in project.check_trials}
        for new in new_constraints(project, "check"):
            trial = trials.get((new.table.full_name, new.thing.name))
            idle = trial is not None and trial.refused == 0 and trial.tried >= _ENOUGH
            made = constraint_made(project, new)
            silent = trial is None or not (idle or trial.broken_default)
            if made is None or trial is None or silent or not new.thing.columns:
                continue
            name, definition = code(new.thing.name), code(new.thing.definition)
            column = new.thing.columns[0]
            if trial.broken_default:
                title = f"{name} refuses the default of {code(column)}"
                told = f"{definition} is false for {code(trial.broken_default)}, the default of"
                told += f" {code(column)}: an INSERT that leaves {code(column)} out fails."
                text = alter_column(new.table, column, server_default='"<one that it accepts>"')
                cure = Remedy("Give it a default that is allowed", block(text, "python"))
            else:
                title = f"{name} accepts everything"
                told = f"{definition} was true or NULL for each of {trial.tried} combinations of"
                told += " values: NULL, the smallest, the largest and some in between."
                text = create_check(new.table, new.thing.name, "<what has to hold>")
                cure = Remedy("Write what has to hold", block(text, "python"))
            yield made.finding(
                new.table,
                title=title,
                message=told,
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=column,
                confidence=Confidence.OBSERVED,
                remedies=(cure,),
            )
