"""Finding a statement in a run, and statements that several tests send."""

from __future__ import annotations

from bot.facts import Effect, Statement
from bot.observe.answers import Ran

NOT_NULL = "ALTER TABLE parent ALTER code SET NOT NULL"
CONCURRENTLY = "CREATE INDEX CONCURRENTLY parent_name ON parent (name)"


def statement(ran: Ran, start: str) -> Statement:
    """The one statement that starts so."""
    (found,) = (item for item in ran.statements if item.sql.startswith(start))
    return found


def effect(ran: Ran, start: str, relation: str) -> Effect:
    """What the one statement that starts so did to that relation of the schema public."""
    (found,) = (
        item for item in statement(ran, start).effects if item.relation == f"public.{relation}"
    )
    return found
