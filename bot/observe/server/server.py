"""A running server, whoever started it, as the rest of the bot uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from bot.observe.server import roles
from bot.observe.server.access import open_connection
from bot.observe.server.databases import Databases
from bot.observe.server.extensions import reaches_out
from bot.observe.server.options import Address

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class Origin:
    """What distinguishes one server from another.

    ``source`` is ``embedded``, ``machine`` or ``service``. ``stand_ins`` are the extensions that
    stand in for real ones. ``restored`` are the labels saved with the cached state that the server
    started from. ``creates_roles`` says whose new roles may be dropped: ``everybody`` on a server
    of our own, ``owner`` those that the scratch role created, ``nobody``. ``owner`` is the scratch
    role as the bot reaches it, ``reached`` makes of that how the target's code does.
    ``last_words`` is what the server's own log says of its end, "" while it lives or is not ours.
    ``data`` is the folder of a server of our own.
    """

    version: str
    source: Literal["embedded", "machine", "service"]
    owner: Address
    reached: Callable[[Address], Address] = lambda address: address
    stand_ins: frozenset[str] = frozenset()
    restored: Mapping[str, str] | None = None
    creates_roles: Literal["everybody", "owner", "nobody"] = "everybody"
    notes: tuple[str, ...] = ()
    last_words: Callable[[], str] = lambda: ""
    data: Path | None = None


class Server:
    """A PostgreSQL server with scratch databases. A context manager; thread-safe.

    ``version`` like "17.5", ``major`` its first number, ``source`` as in ``facts.Postgres``.
    ``notes`` are sentences that the report should tell. ``restored`` holds the labels saved with
    the state from the cache that the server started from (None: it started empty). ``data`` is its
    folder, None for a server that is not ours.
    """

    def __init__(
        self,
        origin: Origin,
        databases: Databases,
        end: Callable[[], None],
        save: Callable[[Mapping[str, str]], bool] | None = None,
    ) -> None:
        self._origin = origin
        self._databases = databases
        self._end = end
        self._save = save
        self._roles_before = roles.all_roles(databases)
        self._stand_ins_used: set[str] = set()
        self._closed = False
        self.version = origin.version
        self.major = databases.major
        self.source = origin.source
        self.notes = origin.notes
        self.restored = origin.restored
        self.last_words = origin.last_words
        self.data = origin.data

    def create(self, label: str) -> str:
        """A new empty database owned by the scratch role, and its name."""
        return self._databases.create(label)

    def clone(self, template: str, label: str) -> str:
        """A copy of a database, and its name. All sessions in the template are ended."""
        return self._databases.clone(template, label)

    def drop(self, name: str) -> None:
        """Drop a database of this run and end its sessions."""
        self._note_stand_ins(name)
        self._databases.drop(name)

    def address(self, database: str) -> Address:
        """Where and as whom the target's code connects: as the scratch role."""
        return self._origin.reached(replace(self._origin.owner, database=database))

    def connect(self, database: str) -> psycopg.Connection:
        """The bot's own connection: autocommit, empty search_path, superuser where it can be."""
        return self._databases.connect(database)

    def connect_as_owner(self, database: str) -> psycopg.Connection:
        """A connection with the rights and the search_path of the target's code."""
        connection = open_connection(replace(self._origin.owner, database=database))
        connection.execute("RESET search_path; RESET row_security")
        return connection

    def disconnect(self, database: str) -> None:
        """End everybody's sessions there but the bot's own, and wait until they are gone."""
        self._databases.disconnect(database)

    def create_extension(self, database: str, name: str, *, demanded: bool = False) -> bool:
        """Create an extension with the bot's rights; False when the server does not have it.

        One that the target's code ``demanded`` is not created on the user's server when it reaches
        out of it.
        """
        from psycopg import Error, sql

        if demanded and self.source == "service" and reaches_out(name):
            return False
        with self._databases.connect(database) as connection:
            try:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public CASCADE").format(
                        sql.Identifier(name)
                    )
                )
            except Error:
                return False
        self._stand_ins_used |= self._origin.stand_ins & {name}
        return True

    def create_schema(self, database: str, name: str) -> bool:
        """Create a schema that belongs to the scratch role; False where that is refused."""
        from psycopg import Error, sql

        with self.connect_as_owner(database) as connection:
            try:
                connection.execute(
                    sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(name))
                )
            except Error:
                return False
        return True

    def open_schemas(self, database: str, names: Iterable[str]) -> bool:
        """Give these roles all rights on ``public`` and on schemas that the scratch role creates.

        False where that is refused.
        """
        from psycopg import Error, sql

        try:
            with self.connect(database) as ours, self.connect_as_owner(database) as owner:
                for role in map(sql.Identifier, names):
                    ours.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(role))
                    owner.execute(
                        sql.SQL("ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO {}").format(role)
                    )
        except Error:
            return False
        return True

    def create_role(self, name: str) -> bool:
        """Create a role that cannot log in, for the scratch role to be a member of.

        False where that is refused, and on the user's server: roles outlive scratch databases.
        """
        if self.source == "service":
            return False
        return roles.create_role(self._databases, name, self._origin.owner.user)

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """Stand-ins for extensions that some database of this run has had, sorted.

        To be asked before ``close``, which does not look any more.
        """
        if not self._closed:
            for name in tuple(self._databases.names):
                self._note_stand_ins(name)
        return tuple(sorted(self._stand_ins_used))

    def roles(self) -> frozenset[str]:
        """The roles of the whole server, PostgreSQL's predefined ones left out."""
        return roles.all_roles(self._databases)

    def drop_roles(self, names: Iterable[str]) -> frozenset[str]:
        """Drop roles that a migration left behind; what they own becomes the scratch role's.

        Returns:
            Those that stay: they were there before this run or may be somebody else's.
        """
        asked = frozenset(names)
        mine = asked - self._roles_before
        if self._origin.creates_roles == "owner":
            mine &= roles.roles_created_by(self._databases, self._origin.owner.user)
        elif self._origin.creates_roles == "nobody":
            mine = frozenset()
        roles.drop_roles(self._databases, mine, self._origin.owner.user)
        return asked - mine

    def save(self, labels: Mapping[str, str]) -> bool:
        """Keep the server's state in the cache under ``ServerOptions.cache_key``.

        ``labels`` come back as ``restored``. Nobody may write meanwhile; when somebody did, nothing
        is kept. False when nothing can be kept, or when there is no cache; else ``close`` waits
        until it is written.
        """
        return self._save is not None and self._save(labels)

    def lent(self) -> Server:
        """The same server for one of several runs: closing it removes what that run made.

        Only one such run at a time, and only on a server that keeps nothing in the cache.
        """
        before = set(self._databases.names)

        def clean() -> None:
            for name in set(self._databases.names) - before:
                self._databases.drop(name)
            run.drop_roles(run.roles() - self._roles_before)

        run = Server(self._origin, self._databases, clean)
        return run

    def close(self) -> None:
        """Stop the server, or remove what this run created on the user's. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _note_stand_ins(self, database: str) -> None:
        unseen = self._origin.stand_ins - self._stand_ins_used
        if not unseen or not self._databases.has_extensions(database):
            return
        with self._databases.connect(database) as connection:
            rows = connection.execute("SELECT extname FROM pg_catalog.pg_extension").fetchall()
        self._stand_ins_used |= self._origin.stand_ins & {str(name) for (name,) in rows}
