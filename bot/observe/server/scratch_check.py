"""Whether a user's server looks like one that may be used for scratch work."""

from __future__ import annotations

import time
from dataclasses import replace

from bot.observe.server.access import APPLICATION, open_connection
from bot.observe.server.databases import Databases
from bot.observe.server.options import ServerError

PREFIX = "db_recheck_"
MOST_DATABASES = 20  # looked into; who has more has a server that others use
SETTLING = 0.3  # seconds after which a health check has gone away


def look_for_others(databases: Databases) -> None:
    """Refuse a server that others use.

    Raises:
        ServerError: naming the replication, the sessions or the databases that speak against it.
    """
    reason = _replication(databases) or _sessions(databases) or _data(databases)
    if reason:
        raise ServerError(
            f"the server of the database URL looks like more than a scratch server: {reason}. "
            "db-recheck would create and drop databases of its own there and touch nothing else: "
            "set shared-server = true to allow that, or name a server that nobody else uses"
        )


def _replication(databases: Databases) -> str:
    counts = databases.admin.execute(
        "SELECT (SELECT count(*) FROM pg_catalog.pg_stat_replication),"
        " (SELECT count(*) FROM pg_catalog.pg_replication_slots),"
        " (SELECT count(*) FROM pg_catalog.pg_stat_subscription)"
    ).fetchone() or (0, 0, 0)
    named = ("replicas that follow it", "replication slots", "subscriptions")
    found = [name for name, number in zip(named, counts, strict=True) if number]
    return f"it has {' and '.join(found)}" if found else ""


def _sessions(databases: Databases) -> str:
    """Sessions of others that stay. A session's details are hidden from an ordinary role."""
    before = _others(databases)
    if not before:
        return ""
    time.sleep(SETTLING)
    staying = {pid: what for pid, what in _others(databases).items() if pid in before}
    if not staying:
        return ""
    return f"others are connected to it ({', '.join(sorted(set(staying.values())))})"


def _others(databases: Databases) -> dict[int, str]:
    rows = databases.admin.execute(
        "SELECT pid, usename, datname FROM pg_catalog.pg_stat_activity"
        " WHERE pid <> pg_catalog.pg_backend_pid() AND datname IS NOT NULL"
        " AND coalesce(backend_type, 'client backend') = 'client backend'"
        " AND application_name IS DISTINCT FROM %s"
        " AND NOT pg_catalog.starts_with(datname, %s) AND NOT pg_catalog.starts_with(usename, %s)",
        (APPLICATION, PREFIX, PREFIX),
    ).fetchall()
    return {int(pid): f"role {role} in database {database}" for pid, role, database in rows}


def _data(databases: Databases) -> str:
    """Other databases that hold tables. The URL's own does not count: it is only connected to."""
    import psycopg

    rows = databases.admin.execute(
        "SELECT datname FROM pg_catalog.pg_database WHERE NOT datistemplate AND datallowconn"
        " AND datname <> %s AND NOT pg_catalog.starts_with(datname, %s) ORDER BY 1",
        (databases.bot.database, PREFIX),
    ).fetchall()
    names = [str(name) for (name,) in rows]
    if len(names) > MOST_DATABASES:
        return f"it has {len(names)} other databases"
    for name in names:
        try:
            with open_connection(replace(databases.bot, database=name)) as connection:
                found = connection.execute(
                    "SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class c"
                    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                    " WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_'"
                    " AND n.nspname <> 'information_schema' AND NOT EXISTS ("
                    "  SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid"
                    "  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
                    "  AND d.deptype = 'e') ORDER BY 1 LIMIT 1"
                ).fetchone()
        except psycopg.OperationalError:
            return f"it has the database {name}, which cannot be looked into"
        if found is not None:
            return f"its database {name} has tables ({found[0]}, …)"
    return ""
