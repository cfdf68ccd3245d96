"""A refusal of the server names what base needs and nobody made."""

from __future__ import annotations

import pytest

from bot.facts import Failure, FailureKind
from bot.facts.schema import by_search_path
from bot.observe.absent import Absent, absent
from bot.observe.probe import tenants


@pytest.mark.parametrize(
    ("message", "sqlstate", "found"),
    [
        ('role "reporting" does not exist', "42704", Absent("role", "reporting")),
        ('schema "billing" does not exist', "3F000", Absent("schema", "billing")),
        ('type "vector" does not exist', "42704", Absent("extension", "vector")),
        ('schema "a "b" c" does not exist', "3F000", Absent("schema", 'a "b" c')),
        ('type "mood" does not exist', "42704", None),
        ("no schema has been selected to create in", "3F000", None),
        ('role "reporting" does not exist', "42501", None),
        ('relation "role" does not exist', "42P01", None),
    ],
)
def test_what_is_absent(message: str, sqlstate: str, found: Absent | None) -> None:
    """By the server's code first, its words tell the name."""
    assert absent(Failure(FailureKind.DATABASE, message, sqlstate=sqlstate)) == found


def test_nothing_failed() -> None:
    """Then nothing is missing; nor where no server spoke."""
    assert absent(None) is None
    assert absent(Failure(FailureKind.PYTHON, 'role "x" does not exist')) is None


def test_a_tenants_schema_is_known_by_its_name() -> None:
    """The probe, which cannot import the bot, makes it; the bot's own code leaves it out."""
    assert by_search_path(f"tenant_{tenants._NAME}")
    assert not by_search_path("tenant_recheck_2")
