"""The scratch database's address, as each kind of client wants it told."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.probe import address, drivers

SOCKET: dict[str, Any] = {
    "host": "/run/scratch",
    "port": 5433,
    "user": "role",
    "password": "pass",
    "database": "d",
}
TCP = {**SOCKET, "host": "db.example"}
SECURED = {**TCP, "parameters": {"sslmode": "require", "sslcert": "/c.pem", "user": "other"}}


@given(st.text(min_size=1), st.text(min_size=1))
def test_scratch_url(user: str, password: str) -> None:
    """Any parser of URLs finds the parts again, and a host though there is only a socket."""
    url = address.scratch_url({**SOCKET, "user": user, "password": password}, "psycopg")
    parts = urlsplit(url)
    assert parts.scheme == "postgresql+psycopg"
    assert (parts.hostname, parts.port, parts.path) == ("localhost", 5433, "/d")
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)


def test_libpq_environment() -> None:
    """Further parameters become libpq's variables; who and where are the address's own."""
    found = address.libpq_environment(SECURED)
    assert found["PGSSLMODE"] == "require"
    assert found["PGSSLCERT"] == "/c.pem"
    assert (found["PGHOST"], found["PGUSER"]) == ("db.example", "role")
    assert "PGSSLMODE" not in address.libpq_environment(SOCKET)


@pytest.mark.parametrize(
    ("driver", "expected"),
    [
        ("psycopg", {"sslmode": "require", "sslcert": "/c.pem"}),
        ("psycopg2", {"sslmode": "require", "sslcert": "/c.pem"}),
        ("asyncpg", {"ssl": "require"}),
        ("other", {}),
    ],
)
def test_further(driver: str, expected: dict[str, str]) -> None:
    """Drivers on libpq take its parameters as they are, asyncpg the mode of TLS."""
    assert drivers.further(driver, SECURED) == expected


def test_further_on_a_socket() -> None:
    """There is no TLS on a socket, and a driver that insists on it would fail."""
    secured = {**SOCKET, "parameters": {"sslmode": "require"}}
    assert drivers.further("asyncpg", secured) == {}
    assert drivers.further("pg8000", secured) == {}


@pytest.mark.parametrize(
    ("mode", "mandatory", "checks_host"),
    [
        (None, None, None),
        ("disable", None, None),
        ("prefer", None, None),
        ("require", ssl.CERT_NONE, False),
        ("verify-ca", ssl.CERT_REQUIRED, False),
        ("verify-full", ssl.CERT_REQUIRED, True),
    ],
)
def test_tls_context(mode: str | None, mandatory: object, checks_host: object) -> None:
    """pg8000 is given what libpq means by its modes."""
    given_ = {} if mode is None else {"sslmode": mode}
    context = address.tls_context({**TCP, "parameters": given_})
    if mandatory is None:
        assert context is None
    else:
        assert context is not None
        assert (context.verify_mode, context.check_hostname) == (mandatory, checks_host)


def test_root_certificate_that_is_absent() -> None:
    """A root certificate turns the check on, and its absence is an error rather than trust."""
    parameters = {"sslmode": "require", "sslrootcert": "/nowhere/root.pem"}
    with pytest.raises(FileNotFoundError):
        address.tls_context({**TCP, "parameters": parameters})


@pytest.mark.parametrize(
    ("driver", "place", "expected"),
    [
        ("psycopg", SOCKET, {"host": "/run/scratch", "port": 5433, "dbname": "d"}),
        ("psycopg2", TCP, {"host": "db.example", "port": 5433, "dbname": "d"}),
        ("asyncpg", TCP, {"host": "db.example", "port": 5433, "database": "d"}),
        ("pg8000", SOCKET, {"unix_sock": "/run/scratch/.s.PGSQL.5433", "database": "d"}),
        ("pg8000", TCP, {"host": "db.example", "port": 5433, "database": "d"}),
    ],
)
def test_where(driver: str, place: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every driver's own names for one place."""
    assert drivers.where(driver, place) == {"user": "role", "password": "pass", **expected}


def test_where_for_an_unknown_driver() -> None:
    """The dialect is asked for another driver's arguments."""
    assert drivers.where("pygresql", TCP) is None
