"""The ``op`` call behind a statement, where it is plain enough to be edited or written anew."""

from __future__ import annotations

from bot.explain.patch.patch import Call, called
from bot.explain.statements.ran import Ran
from bot.facts import Direction, Facts


def plain_call(facts: Facts, ran: Ran, name: str) -> Call | None:
    """The call of ``op.<name>`` whose only statement this is; None where a patch would guess.

    Its arguments are on one line each, so that they can be written into other code.
    """
    if ran.statement.direction is Direction.DOWNGRADE or ran.path != ran.revision.path:
        return None
    at_line = [
        item
        for item in ran.revision.round_trip.upgrade.statements
        if item.path == ran.statement.path and item.line == ran.statement.line
    ]
    if len(at_line) != 1 or len(ran.pieces) != 1:
        return None
    call = called(facts, ran.path, ran.line)
    if call is None or call.name != name:
        return None
    texts = (*call.arguments, *call.keywords.values())
    return None if any("\n" in text for text in texts) else call
