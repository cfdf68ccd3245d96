"""The user's database URL, as libpq is to read it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from bot.observe.server.options import ServerError, ServerOptions
from bot.observe.server.url import to_libpq

WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:5433/d", {"user": "u", "password": "p", "host": "h", "port": "5433"}),
        ("postgres://h/d", {"host": "h", "dbname": "d"}),
        ("postgresql+asyncpg://u@h/d?ssl=require", {"sslmode": "require", "user": "u"}),
        ("postgresql+psycopg://u:a%40b@h/d", {"password": "a@b"}),
        ("postgresql+psycopg2://u@/d?host=/run/postgresql", {"host": "/run/postgresql"}),
        ("postgresql://h/d?sslmode=verify-full&sslrootcert=/ca.pem", {"sslrootcert": "/ca.pem"}),
        ("postgresql://[::1]:5432/d", {"host": "::1"}),
    ],
)
def test_spellings_of_sqlalchemy_and_libpq_mean_the_same(
    url: str, expected: dict[str, str]
) -> None:
    """Driver names go, drivers' own parameters become libpq's, everything else stays."""
    assert expected.items() <= conninfo_to_dict(to_libpq(url)).items()


@pytest.mark.parametrize("url", ["", "mysql://u:secret@h/d", "u:secret@h", "sqlite:///secret.db"])
def test_other_databases_are_refused_without_showing_the_password(url: str) -> None:
    """The message says what to write, and repeats nothing but the scheme."""
    with pytest.raises(ServerError, match="postgresql://user:password@host") as caught:
        to_libpq(url)
    assert "secret" not in str(caught.value)


def test_options_do_not_show_the_url() -> None:
    """A log of the options holds no password."""
    assert "secret" not in repr(ServerOptions(url="postgresql://u:secret@h/d"))


@given(st.text())
def test_any_text_is_read_or_refused(url: str) -> None:
    """Whatever a stranger writes ends as a URL for libpq or as a ServerError."""
    with contextlib.suppress(ServerError):
        assert to_libpq(url).startswith("postgresql://")


@given(WORDS, WORDS, WORDS)
def test_parameters_survive(user: str, database: str, name: str) -> None:
    """What libpq knows is passed on unchanged."""
    read = conninfo_to_dict(to_libpq(f"postgresql+pg8000://{user}@h/{database}?options={name}"))
    assert (read["user"], read["dbname"], read["options"]) == (user, database, name)
