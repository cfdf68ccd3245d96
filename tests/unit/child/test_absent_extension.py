"""A refusal of the server names the extension that was missing."""

from __future__ import annotations

import pytest

from bot.facts import Failure, FailureKind
from bot.observe.absent_extension import extension_for


def refusal(message: str, sqlstate: str) -> Failure:
    """What the server said."""
    return Failure(FailureKind.DATABASE, message, sqlstate=sqlstate)


@pytest.mark.parametrize(
    ("message", "sqlstate", "extension"),
    [
        ("function uuid_generate_v1mc() does not exist", "42883", "uuid-ossp"),
        ('type "vector" does not exist', "42704", "vector"),
        ('type "public.citext" does not exist', "42704", "citext"),
        (
            'operator class "gin_trgm_ops" does not exist for access method "gin"',
            "42704",
            "pg_trgm",
        ),
        ("function gen_random_bytes(integer) does not exist", "42883", "pgcrypto"),
        ('type "geometry" does not exist', "42704", "postgis"),
        ('type "mood" does not exist', "42704", None),
        ("function app_slug(text) does not exist", "42883", None),
        ('relation "vector" does not exist', "42P01", None),
    ],
)
def test_which_extension(message: str, sqlstate: str, extension: str | None) -> None:
    """Only where a function, type or operator class is missing that an extension is known by."""
    assert extension_for(refusal(message, sqlstate)) == extension


def test_nothing_failed() -> None:
    """Then nothing is missing."""
    assert extension_for(None) is None
