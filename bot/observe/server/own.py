"""A server of our own, from nothing or from the cache."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.observe.room import Room
from bot.observe.server import cache
from bot.observe.server.binaries import choose_binaries
from bot.observe.server.configuration import (
    OWNER,
    SAFE_CREATEROLE,
    SOCKET_PORT,
    SUPERUSER,
)
from bot.observe.server.databases import Databases
from bot.observe.server.launch import Cluster, new_password
from bot.observe.server.options import Address, ServerError, ServerOptions
from bot.observe.server.server import Origin, Server

SAVES = 3  # tries: the server itself writes a record about its transactions now and then


def start_own(options: ServerOptions, room: Room) -> Server:
    """Start a server of our own in the room.

    Raises:
        ServerError: there are no binaries, or they do not start.
    """
    cluster = Cluster(choose_binaries(options), room, options.without)
    bot = Address(str(cluster.sockets), SOCKET_PORT, SUPERUSER, new_password(), "postgres")
    owner = Address(bot.host, bot.port, OWNER, new_password(), "postgres")
    entry = None
    if options.cache is not None and options.cache_key is not None:
        identity = f"{cluster.binaries.identity} superuser={options.superuser}"
        entry = cache.entry_path(options.cache, options.cache_key, identity)
    labels = None
    try:
        if entry is not None:
            labels = _restore(cluster, entry, bot, owner)
        if labels is None:
            _initialise(cluster, bot, owner, superuser=options.superuser)
        databases = Databases(bot, OWNER, "", ours=True)
    except BaseException:
        cluster.stop()
        raise
    origin = Origin(
        version=cluster.binaries.version,
        source=cluster.binaries.source,
        owner=owner,
        stand_ins=cluster.stand_ins,
        restored=labels,
        last_words=cluster.last_words,
        data=cluster.data,
    )
    if entry is None:
        return Server(origin, databases, partial(_end, cluster, databases))
    keeper = _Keeper(entry, cluster, databases)
    return Server(origin, databases, partial(_end, cluster, databases, keeper), keeper.save)


def _end(cluster: Cluster, databases: Databases, keeper: _Keeper | None = None) -> None:
    if keeper is not None:
        keeper.wait()
    databases.close()
    cluster.stop()


def _initialise(cluster: Cluster, bot: Address, owner: Address, *, superuser: bool) -> None:
    initialising = cluster.begin_initdb(bot.password)
    import psycopg  # noqa: F401 - 150 ms, spent while initdb runs

    from bot.observe.server.access import open_connection

    initialising.wait()
    cluster.adopt()
    cluster.start()
    rights = "SUPERUSER" if superuser else "NOSUPERUSER"
    if cluster.binaries.major >= SAFE_CREATEROLE:
        rights += " CREATEROLE"  # before, that right led to every role but superusers
    with open_connection(bot) as connection:
        connection.execute(
            f"CREATE ROLE {owner.user} LOGIN {rights} PASSWORD '{owner.password}';"
            "REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC"
        )


def _restore(cluster: Cluster, entry: Path, bot: Address, owner: Address) -> dict[str, str] | None:
    """Start from the entry and change all passwords; None when the entry is of no use."""
    contents = cache.read(entry)
    if contents is None:
        return None
    import psycopg

    from bot.observe.server.access import open_connection

    try:
        cache.restore(entry, cluster.data)
        cluster.adopt()
        cluster.start()
        with open_connection(replace(bot, password=contents.password)) as connection:
            for login in (owner, bot):
                connection.execute(f"ALTER ROLE {login.user} PASSWORD '{login.password}'")
        for database in contents.labels.values():
            open_connection(replace(bot, database=database)).close()
    except (ServerError, OSError, psycopg.Error):
        cluster.stop()
        shutil.rmtree(cluster.data, ignore_errors=True)
        return None
    return contents.labels


class _Keeper:
    """Saves the server's state: copied aside at once, written to the cache in the background."""

    def __init__(self, entry: Path, cluster: Cluster, databases: Databases) -> None:
        self._entry = entry
        self._cluster = cluster
        self._databases = databases
        self._writing: threading.Thread | None = None

    def save(self, labels: Mapping[str, str]) -> bool:
        """Copy the data directory while nothing is written: the end of the WAL tells."""
        if not set(labels.values()) <= set(self._databases.names):
            raise ServerError(f"no databases of this run: {sorted(labels.values())}")
        self.wait()
        kept = self._cluster.data.parent / "kept"
        for _ in range(SAVES):
            before = self._databases.checkpoint()
            if not cache.copy_aside(self._cluster.data, kept):
                return False
            if self._databases.position() == before:
                password = self._databases.bot.password
                self._writing = threading.Thread(
                    target=self._write, args=(kept, labels, password), name="cache"
                )
                self._writing.start()
                return True
            shutil.rmtree(kept, ignore_errors=True)
        return False

    def _write(self, kept: Path, labels: Mapping[str, str], password: str) -> None:
        cache.write(self._entry, kept / "data", labels, password)
        shutil.rmtree(kept, ignore_errors=True)

    def wait(self) -> None:
        """Until what was saved is written."""
        if self._writing is not None:
            self._writing.join()
