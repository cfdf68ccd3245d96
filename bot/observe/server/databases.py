"""Scratch databases: made, cloned, emptied of sessions, dropped."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from bot.observe.server.access import open_connection
from bot.observe.server.options import Address, ServerError

if TYPE_CHECKING:
    import psycopg

FILE_COPY_SINCE = 15  # CREATE DATABASE … STRATEGY; older ones always copy files
OWNERS_PUBLIC = 15  # the first where the schema public is the database owner's
PATIENCE = 10.0  # seconds for sessions to end
LIST_SETTINGS = frozenset(  # kept by the server as quoted lists: GUC_LIST_QUOTE in guc_tables.c
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)
QUOTED_LIST = re.compile(  # what the server makes of such a list, and nothing that says more
    r"""(?:"(?:[^"]|"")*"|[a-z_][a-z0-9_$]*)(?:, ?(?:"(?:[^"]|"")*"|[a-z_][a-z0-9_$]*))*"""
)


class Databases:
    """The databases of one run. Thread-safe: one statement at a time on one connection.

    ``bot`` says where and as whom the bot connects, ``owner`` is the role that the databases belong
    to, ``prefix`` starts their names. ``ours`` tells a server of our own from a user's.
    """

    def __init__(self, bot: Address, owner: str, prefix: str, *, ours: bool) -> None:
        self.bot = bot
        self.admin = open_connection(bot)
        self.major = self.admin.info.server_version // 10000
        self.names = self._existing() if ours else []
        self.owner = owner
        self._prefix = prefix
        self._ours = ours
        self._dropped: set[str] = set()
        self._own: list[psycopg.Connection] = []
        self._mutex = threading.RLock()
        self._come = threading.Condition(self._mutex)
        self._coming = 0  # connections of the bot's own that are being opened in other threads

    def create(self, label: str) -> str:
        """A new empty database, and its name."""
        return self._create("template1", label)

    def clone(self, template: str, label: str) -> str:
        """A copy of a database, settings, comment and privileges of the database included.

        Everybody's sessions in the template are ended, the bot's too.
        """
        with self._mutex:
            self._end_sessions(template, spare=())
            roll_back_prepared(self.admin, self.bot, template)
            name = self._create(template, label)
            self._copy_properties(template, name)
            return name

    def drop(self, name: str) -> None:
        """Drop a database of this run and end its sessions. Nothing happens if it is gone."""
        from psycopg import sql

        with self._mutex:
            if name in self._dropped:
                return
            if name not in self.names:
                raise ServerError(f"the database {name} was not created by this run")
            roll_back_prepared(self.admin, self.bot, name)
            self.admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            self.names.remove(name)
            self._dropped.add(name)

    def connect(self, database: str) -> psycopg.Connection:
        """A connection of the bot itself; ``disconnect`` spares it.

        A database's owner may forbid connections to everybody, which is undone here.
        """
        import psycopg
        from psycopg import sql

        address = replace(self.bot, database=database)
        with self._mutex:
            self._coming += 1
        try:
            try:
                connection = open_connection(address)
            except psycopg.OperationalError:
                if database not in self.names:
                    raise
                with self._mutex:
                    self.admin.execute(
                        sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(
                            sql.Identifier(database)
                        )
                    )
                connection = open_connection(address)
            with self._mutex:
                self._own = [known for known in self._own if not known.closed]
                self._own.append(connection)
            return connection
        finally:
            with self._come:
                self._coming -= 1
                self._come.notify_all()

    def disconnect(self, database: str) -> None:
        """End all sessions in that database but the bot's own, and wait until they are gone."""
        with self._come:
            self._come.wait_for(lambda: self._coming == 0, timeout=PATIENCE)
            spare = [known.info.backend_pid for known in self._own if not known.closed]
            self._end_sessions(database, spare)
            roll_back_prepared(self.admin, self.bot, database)

    def has_extensions(self, database: str) -> bool:
        """Whether somebody but the server's first superuser created an extension there."""
        row = self.admin.execute(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_shdepend s"
            " JOIN pg_catalog.pg_database d ON d.oid = s.dbid"
            " WHERE d.datname = %s AND s.classid = 'pg_catalog.pg_extension'::pg_catalog.regclass)",
            (database,),
        ).fetchone()
        return bool(row and row[0])

    def reconnect(self) -> None:
        """Open the bot's connection again if it was lost."""
        if self.admin.closed:
            self.admin = open_connection(self.bot)

    def checkpoint(self) -> str:
        """Write everything to disk; the position in the WAL after that."""
        with self._mutex:
            self.admin.execute("CHECKPOINT")
            return self.position()

    def position(self) -> str:
        """The end of the WAL: it moves with everything that is written."""
        row = self.admin.execute("SELECT pg_catalog.pg_current_wal_insert_lsn()").fetchone()
        return str(row and row[0])

    def close(self) -> None:
        """Close the bot's own connections."""
        with self._mutex:
            for connection in [*self._own, self.admin]:
                connection.close()

    def _existing(self) -> list[str]:
        """The databases that a restored state came with."""
        rows = self.admin.execute(
            "SELECT datname FROM pg_catalog.pg_database WHERE NOT datistemplate AND datname <> %s",
            (self.bot.database,),
        ).fetchall()
        return [str(name) for (name,) in rows]

    def _create(self, template: str, label: str) -> str:
        from psycopg import sql

        with self._mutex:
            readable = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:24]
            numbered = (f"{self._prefix}{readable}_{number}" for number in count(1))
            name = next(name for name in numbered if name not in self.names)
            command = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                *map(sql.Identifier, (name, template, self.owner))
            )
            if self._ours and self.major >= FILE_COPY_SINCE:
                command += sql.SQL(" STRATEGY FILE_COPY")
            self.admin.execute(command)
            self.names.append(name)
            self._dropped.discard(name)
        if self.major < OWNERS_PUBLIC and template == "template1":
            with open_connection(replace(self.bot, database=name)) as connection:
                connection.execute(
                    sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(self.owner))
                )
        return name

    def _end_sessions(self, database: str, spare: Sequence[int]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            (count,) = self.admin.execute(
                "SELECT count(pg_catalog.pg_terminate_backend(pid))"
                " FROM pg_catalog.pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_catalog.pg_backend_pid()"
                " AND pid <> ALL (%s::int[])",
                (database, list(spare)),
            ).fetchone() or (0,)
            if not count:
                return
            if time.monotonic() > deadline:
                raise ServerError(f"sessions in the database {database} do not end")
            time.sleep(0.001)

    def _copy_properties(self, template: str, name: str) -> None:
        """What CREATE DATABASE … TEMPLATE leaves behind (its docs page, "Notes")."""
        from psycopg import sql

        target = sql.Identifier(name)
        for role, settings in self.admin.execute(
            "SELECT r.rolname, s.setconfig FROM pg_catalog.pg_db_role_setting s"
            " JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase"
            " LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole WHERE d.datname = %s",
            (template,),
        ).fetchall():
            for setting in settings:
                key, _, value = setting.partition("=")
                head = sql.SQL("ALTER DATABASE {} SET ").format(target)
                if role is not None:
                    head = sql.SQL("ALTER ROLE {} IN DATABASE {} SET ").format(
                        sql.Identifier(role), target
                    )
                listed = key in LIST_SETTINGS and QUOTED_LIST.fullmatch(value)
                literal = sql.SQL(value) if listed else sql.Literal(value)
                self.admin.execute(
                    head + sql.Identifier(*key.split(".")) + sql.SQL(" = ") + literal
                )
        comment, granted = self.admin.execute(
            "SELECT pg_catalog.shobj_description(oid, 'pg_database'), datacl IS NOT NULL"
            " FROM pg_catalog.pg_database WHERE datname = %s",
            (template,),
        ).fetchone() or (None, False)
        if comment is not None:
            self.admin.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(target, sql.Literal(comment))
            )
        if granted:
            self._copy_privileges(template, name)

    def _copy_privileges(self, template: str, name: str) -> None:
        from psycopg import sql

        target = sql.Identifier(name)
        self.admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target))
        for role, privilege, grantable in self.admin.execute(
            "SELECT r.rolname, a.privilege_type, a.is_grantable FROM pg_catalog.pg_database d,"
            " LATERAL pg_catalog.aclexplode(d.datacl) a"
            " LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee"
            " WHERE d.datname = %s AND a.grantee <> d.datdba",
            (template,),
        ).fetchall():
            self.admin.execute(
                sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
                    sql.SQL(privilege),
                    target,
                    sql.SQL("PUBLIC") if role is None else sql.Identifier(role),
                    sql.SQL(" WITH GRANT OPTION" if grantable else ""),
                )
            )


def roll_back_prepared(admin: psycopg.Connection, bot: Address, database: str) -> None:
    """Undo what was prepared for a two-phase commit there: it holds locks without any session.

    A database with such a transaction cannot be dropped either (PostgreSQL docs, "PREPARE
    TRANSACTION"). Our own servers, and any by default, have no room for one.
    """
    from psycopg import sql

    prepared = admin.execute(
        "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = %s", (database,)
    ).fetchall()
    if not prepared:
        return
    with open_connection(replace(bot, database=database)) as connection:
        for (name,) in prepared:
            connection.execute(sql.SQL("ROLLBACK PREPARED {}").format(sql.Literal(name)))
