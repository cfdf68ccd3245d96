"""A constraint was added as NOT VALID and validated in the same transaction.

NOT VALID keeps the strong lock short so that the scan can come later under a weak one. In one
transaction the strong lock is still held while the table is read: nothing is gained.

Validate in a later revision, or at least in an `autocommit_block`, which commits first.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.code.op_code import autocommit
from bot.explain.online.constraint import VALIDATE_PRICE, validate
from bot.explain.patch.changes import in_autocommit
from bot.explain.patch.patch import patched
from bot.explain.statements.group import Group, by_place, finding
from bot.explain.statements.locks import mode_name, nobody_can, until
from bot.explain.statements.ran import Ran, ran
from bot.facts import Facts
from bot.facts.locks import blocks, strongest
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import Action, AlterTable
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)


_SHOWN = 5  # constraints in the code of a remedy


@dataclass(frozen=True)
class _Validated:
    """A constraint that was validated under ``mode``, held since it was added."""

    ran: Ran
    table: str
    constraint: str
    mode: str


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that validates: in a loop it meets many constraints."""
    for group in by_place(_kept(facts, options), lambda item: item.ran, lambda item: (item.table,)):
        yield _finding(facts, group)


def _kept(facts: Facts, options: Options) -> Iterator[_Validated]:
    """The validations of constraints that their own transaction added, under that lock."""
    added: dict[tuple[int, str], int | None] = {}
    for each in ran(facts, options):
        for name, action in _actions(each):
            key = (id(each.revision), f"{name}.{action.name}")
            if action.constraint and action.constraint.not_valid:
                added[key] = each.statement.transaction
            elif action.kind == "validate constraint" and key in added:
                inside = each.statement.transaction
                if inside is not None and added[key] == inside:
                    yield from _validated(each, action.name or "")


def _actions(each: Ran) -> Iterator[tuple[str, Action]]:
    for piece in each.pieces:
        if isinstance(piece.detail, AlterTable):
            for action in piece.detail.actions:
                yield piece.detail.table.name, action


def _validated(each: Ran, name: str) -> Iterator[_Validated]:
    scanned = [item for item in each.existing if item.scanned]
    if scanned:
        table = scanned[0].relation
        held = (*each.held.get(table, ()), *scanned[0].held, *scanned[0].locks)
        mode = strongest(held) or ""
        if "writes" in blocks(mode):
            yield _Validated(each, table, name, mode)


def _finding(facts: Facts, group: Group[_Validated]) -> Finding:
    first, each = group.items[0], group.ran
    table, name, mode = first.table, first.constraint, first.mode
    several = len(group.items) > 1
    which = f"{len(group.items)} constraints" if several else code(name)
    code_ = "\n".join(validate(item.table, item.constraint) for item in group.items[:_SHOWN])
    return finding(
        each,
        title=f"{which} {'are' if several else 'is'} validated while the lock that added "
        f"{'them' if several else 'it'} is still held",
        message=f"{code(each.revision.revision)} adds {code(name)} as NOT VALID and reads all of "
        f"{code(table)} in the same transaction. {code(mode_name(mode))} from the first statement "
        f"is still held: {nobody_can(mode)} {code(table)} {until(each)}."
        + (f" The same line does so {len(group.items)} times." if several else ""),
        about=f"{table}.{name}",
        tables=group.tables,
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
        count=len(group.items),
    )
