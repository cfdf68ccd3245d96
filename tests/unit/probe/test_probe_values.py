"""Values for settings that a project demands."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.probe import values

ADDRESS = {
    "host": "/run/scratch",
    "port": 5433,
    "user": "role",
    "password": "pass",
    "database": "scratch_1",
}
URL = "postgresql://role:pass@localhost:5433/scratch_1"


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("DATABASE_URL", "", URL),
        ("SQLALCHEMY_DATABASE_URI", "", URL),
        ("PG_DSN", "url", URL),
        ("POSTGRES_HOST", "", "localhost"),
        ("POSTGRES_PORT", "", "5433"),
        ("DB_PORT", "int", "5433"),
        ("DB_USER", "", "role"),
        ("DB_PASSWORD", "", "pass"),
        ("POSTGRES_DB", "", "scratch_1"),
        ("db_name", "", "scratch_1"),
        ("DB_ENGINE", "", "postgresql"),
        ("DB_SSL_MODE", "", "prefer"),
        ("REDIS_URL", "", "redis://localhost:6379/0"),
        ("CELERY_BROKER_URL", "url", "amqp://guest:guest@localhost:5672//"),
        ("FRONTEND_URL", "", "http://localhost:8000"),
        ("SMTP_PORT", "int", "8000"),
        ("DEBUG", "", "false"),
        ("ENVIRONMENT", "", "development"),
        ("TOKEN_TTL", "", "60"),
        ("ADMIN_EMAIL", "", "recheck@example.com"),
        ("LOG_LEVEL", "", "INFO"),
        ("BACKEND", ("choice", "blue"), "blue"),
    ],
)
def test_by_name(name: str, kind: Any, value: str) -> None:
    """Names that tell a part of the database's address get it; others something harmless."""
    assert values.value_for(name, kind, ADDRESS) == value


def test_tcp_host() -> None:
    """A server that is not on a socket is named by its host."""
    assert values.value_for("DB_HOST", "", {**ADDRESS, "host": "db.example"}) == "db.example"


@given(st.text(), st.text())
def test_placeholder(one: str, other: str) -> None:
    """Every name has a secret of its own, which is a key of Fernet: 32 bytes in base64."""
    found = values.placeholder(one)
    assert len(base64.urlsafe_b64decode(found)) == 32
    assert (found == values.placeholder(other)) == (one == other)


READERS: dict[str, Callable[[str], object]] = {
    "int": int,
    "float": float,
    "bool": {"true": True, "false": False}.__getitem__,
    "json": lambda text: list(json.loads(text)),
    "object": lambda text: dict(json.loads(text)),
    "date": date.fromisoformat,
    "email": lambda text: text.index("@"),
    "url": lambda text: text.index("://"),
}
WORDS = st.sampled_from(["DB", "HOST", "PORT", "URL", "MAX_SIZE", "POSTGRES", "redis", "Ä", "9"])


@given(st.sampled_from(sorted(READERS)), st.lists(WORDS, max_size=4).map("_".join))
def test_kind_is_kept(kind: str, name: str) -> None:
    """Whatever a setting is called, its value can be read as what the project wants there."""
    READERS[kind](values.value_for(name, kind, ADDRESS))


@given(st.text(), st.sampled_from(["", "path", "unheard of"]))
def test_every_name_has_a_value(name: str, kind: str) -> None:
    """A stranger's name is never refused, and no value is empty."""
    assert values.value_for(name, kind, ADDRESS)


@given(st.integers(1, 800))
def test_longer(length: int) -> None:
    """A secret that must be longer is longer."""
    assert len(values.value_for("SECRET_KEY", ("longer", length), ADDRESS)) >= length


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("DATABASE_URL", True), ("DB_HOST", True), ("REDIS_URL", False), ("DB_COLOUR", False)],
)
def test_connection_like(name: str, is_one: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Only settings of the database's connection are supplied on a guess."""
    assert values.connection_like(name) is is_one
