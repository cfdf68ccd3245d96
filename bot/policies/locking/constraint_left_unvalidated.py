"""A constraint was added as NOT VALID and nothing in the change validated it.

New rows are checked; old ones never were. The planner does not trust it, SET NOT NULL cannot use
it, and the first update of an old row that breaks it fails.

Validate it in a later revision: that reads the table while everybody goes on.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.constraint import VALIDATE_PRICE, constraint_name, validate
from bot.explain.statements.group import by_place, finding, message
from bot.explain.statements.locks import names
from bot.explain.statements.ran import Ran, ran
from bot.facts import Direction, Facts, Project
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import Action, AlterTable, Name
from bot.wording import block, code, verb

SEVERITY = Severity.NOTE
PRESETS = (5,)

Added = tuple[Ran, str, str]


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that added such constraints."""
    statements = [
        each for each in ran(facts, options) if each.statement.direction is Direction.UPGRADE
    ]
    left: dict[tuple[str, str, str], Added] = {}
    for each in statements:
        for table, action in _actions(each):
            name = action.name or ""
            if action.constraint and action.constraint.not_valid:
                name = constraint_name(action.constraint, table)
                left[each.project.config, table, name] = (each, table, name)
            elif action.kind in ("validate constraint", "drop constraint"):
                left.pop((each.project.config, table, name), None)
    open_ = (item for item in left.values() if not _is_valid(item[0].project, item[1], item[2]))
    for group in by_place(open_, lambda item: item[0], lambda item: (item[1],)):
        constraints = [name for _, _, name in group.items]
        later = "\n".join(validate(table, name) for _, table, name in group.items[:5])
        yield finding(
            group.ran,
            title=f"{names(constraints, 2)} {verb(constraints, 'stays', 'stay')} unvalidated",
            message=message(
                group.ran,
                f"{code(group.ran.revision.revision)} adds {names(constraints)} to "
                f"{names(group.tables)} without looking at the rows that are there, and no "
                "revision of this change does so later.",
                known=Confidence.OBSERVED,
            ),
            about=",".join(constraints),
            tables=group.tables,
            confidence=Confidence.CERTAIN,
            remedies=(
                Remedy(
                    "Validate it in a revision of its own, deployed after this one",
                    block(later, "python"),
                    VALIDATE_PRICE,
                ),
            ),
            count=len(constraints),
        )


def _actions(each: Ran) -> Iterator[tuple[str, Action]]:
    for piece in each.pieces:
        if isinstance(piece.detail, AlterTable):
            table = _relation(each, piece.detail.table)
            yield from ((table, action) for action in piece.detail.actions)


def _relation(each: Ran, name: Name) -> str:
    fitting = [item.relation for item in each.effects if name.names(item.relation)]
    return fitting[0] if fitting else f"{name.schema or 'public'}.{name.name}"


def _is_valid(project: Project, table: str, name: str) -> bool:
    """Whether head's catalogue has it validated, however that came about."""
    known = project.schema.table(table) if project.schema else None
    return known is not None and any(
        item.name == name and item.validated for item in known.constraints
    )
