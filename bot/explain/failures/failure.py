"""A failure in words, and the ways out that its cause allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.explain.names.commands import commands
from bot.facts import ChangedRevision, Difference, Failure, FailureKind
from bot.policy import Remedy
from bot.wording import block, code

if TYPE_CHECKING:
    from bot.explain.failures.hints import Hint

_ENDED = {
    FailureKind.TIMEOUT: "It ran past the time limit and was stopped",
    FailureKind.MEMORY: "It needed more memory than the limit and was stopped",
    FailureKind.KILLED: "Its process ended before it was done",
}


def told(failure: Failure) -> str:
    """What the database (or Python) said and about which statement, as Markdown."""
    if failure.kind in _ENDED:
        parts = [f"{_ENDED[failure.kind]}."]
        if failure.message:
            parts.append(block(failure.message.strip(), "text"))
    elif failure.kind is FailureKind.DATABASE:
        state = f" (SQLSTATE {code(failure.sqlstate)})" if failure.sqlstate else ""
        parts = [f"PostgreSQL refused it{state}:", block(failure.message.strip(), "text")]
    else:
        name = code(failure.exception or "an exception")
        parts = [f"Python raised {name}:", block(failure.message.strip(), "text")]
    if failure.statement:
        parts += ["The statement:", block(failure.statement.strip(), "sql", limit=1500)]
    return "\n\n".join(parts)


def brief(failure: Failure, limit: int = 80) -> str:
    """The failure's first line, for a title."""
    if failure.kind in _ENDED:
        return _ENDED[failure.kind][0].lower() + _ENDED[failure.kind][1:]
    first = (failure.message.strip().splitlines() or [failure.exception])[0]
    return first if len(first) <= limit else first[: limit - 1] + "…"


def ways_out(
    failure: Failure, revision: ChangedRevision | None, created: Sequence[Difference] = ()
) -> tuple[Remedy]:
    """What to change: by the cause where it is a known one, else how to see it again.

    ``created`` is what the upgrade of that revision changed: it names what Python could not.
    """
    return (cure(failure, created) or _again(failure, revision),)


def cure(failure: Failure, created: Sequence[Difference] = ()) -> Remedy | None:
    """The way out of a known cause, None where the cause is not known."""
    from bot.explain.failures.hints import HINTS  # its patterns are compiled for a failure alone

    found = (_from(hint, failure, created) for hint in HINTS)
    return next((remedy for remedy in found if remedy), None)


def _from(hint: Hint, failure: Failure, created: Sequence[Difference]) -> Remedy | None:
    if hint.sqlstates and failure.sqlstate not in hint.sqlstates:
        return None
    if not hint.sqlstates and failure.kind is FailureKind.DATABASE:
        return None
    match = hint.pattern.search(f"{failure.exception}: {failure.message}")
    return hint.remedy(match, failure, created) if match else None


def _again(failure: Failure, revision: ChangedRevision | None) -> Remedy:
    if failure.kind in _ENDED:
        return Remedy(
            "Make the step end by itself",
            "Look for a loop whose condition is always met again, a wait for a lock that the "
            "same migration holds on another connection, or input that never comes. A step that "
            "is only slow can be given more time with `timeout` in the configuration.",
            trade_off="A longer limit lets a slow migration through; it does not make it quick.",
        )
    target = revision.revision if revision else "heads"
    below = "".join(revision.down_revision[:1]) if revision else ""
    upgrade = ("alembic", "upgrade", target)
    return Remedy(
        "See it fail on an empty scratch database, then correct the line",
        commands(upgrade, ("alembic", "downgrade", below or "base"), upgrade),
    )
