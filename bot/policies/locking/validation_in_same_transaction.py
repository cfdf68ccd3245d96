"""A constraint was added as NOT VALID and validated in the same transaction.

NOT VALID keeps the strong lock short so that the scan can come later under a weak one. In one
transaction the strong lock is still held while the table is read: nothing is gained.

Validate in a later revision, or at least in an `autocommit_block`, which commits first.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.group import finding
from bot.explain.locks import mode_name, nobody_can, until
from bot.explain.online_constraint import VALIDATE_PRICE, validate
from bot.explain.op_code import autocommit
from bot.explain.patch import patched
from bot.explain.patch_changes import in_autocommit
from bot.explain.ran import Ran, ran
from bot.facts import Facts
from bot.facts.locks import blocks, strongest
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import Action, AlterTable
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each constraint."""
    added: dict[tuple[int, str], int | None] = {}
    for each in ran(facts, options):
        for name, action in _actions(each):
            key = (id(each.revision), f"{name}.{action.name}")
            if action.constraint and action.constraint.not_valid:
                added[key] = each.statement.transaction
            elif action.kind == "validate constraint" and key in added:
                inside = each.statement.transaction
                if inside is not None and added[key] == inside:
                    yield from _finding(facts, each, action)


def _actions(each: Ran) -> Iterator[tuple[str, Action]]:
    for piece in each.pieces:
        if isinstance(piece.detail, AlterTable):
            for action in piece.detail.actions:
                yield piece.detail.table.name, action


def _finding(facts: Facts, each: Ran, action: Action) -> Iterator[Finding]:
    scanned = [item for item in each.existing if item.scanned]
    if not scanned:
        return
    table, name = scanned[0].relation, action.name or ""
    held = (*each.held.get(table, ()), *scanned[0].held, *scanned[0].locks)
    mode = strongest(held) or ""
    if "writes" not in blocks(mode):
        return
    code_ = validate(table, name)
    yield finding(
        each,
        title=f"{code(name)} is validated while the lock that added it is still held",
        message=f"{code(each.revision.revision)} adds {code(name)} as NOT VALID and reads all of "
        f"{code(table)} in the same transaction. {code(mode_name(mode))} from the first statement "
        f"is still held: {nobody_can(mode)} {code(table)} {until(each)}.",
        about=f"{table}.{name}",
        tables=(table,),
        confidence=each.confidence if each.observed else Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Validate it in a later revision",
                f"Its whole upgrade:\n\n{block(code_, 'python')}",
                VALIDATE_PRICE,
            ),
            Remedy(
                "Validate it after a commit",
                block(autocommit(code_), "python"),
                "When the validation fails, the revision is half done: the constraint is there and "
                "the revision is not stamped.",
                patched(facts, each.path, in_autocommit(each.line)),
            ),
        ),
    )
