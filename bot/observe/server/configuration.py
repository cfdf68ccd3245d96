"""The text of the configuration files of a server of our own. Pure."""

from __future__ import annotations

from pathlib import Path

SOCKET_PORT = 5432  # part of the socket's file name; nothing listens on the network
SUPERUSER = "db_recheck"
NOTICES_GONE_CLIENTS = 14  # the first with client_connection_check_interval
CHEAP_SCRAM = 16  # the first major with scram_iterations
SAFE_CREATEROLE = 16  # the first where CREATEROLE gives no way to roles that it did not create
BUILTIN_LOCALE = 17  # the first with its own C.UTF-8
CHECKSUMS_DEFAULT = 18  # the first whose initdb switches data checksums on
ASYNCHRONOUS_IO = 18  # the first with io_method
OWNER = "postgres"  # dumps and grants name it: as the scratch role it is theirs without being super


def settings(major: int, sockets: Path, extensions: Path | None) -> dict[str, str]:
    """Settings of a server that is thrown away (PostgreSQL docs, "Server Configuration").

    Nothing survives a crash, nothing runs in the background, nothing listens on the network.
    ``wal_level`` is ``logical`` because publications warn below it; with fsync off it costs nothing
    that could be measured. The shared memory of parallel queries lies in the data directory, so
    that a killed server leaves none behind.
    """
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "port": str(SOCKET_PORT),
        "max_connections": "50",
        "superuser_reserved_connections": "10",  # else the target's code keeps the bot out
        "temp_file_limit": "2GB",
        "max_locks_per_transaction": "256",  # as many locks as a stock server with 100 connections
        "shared_buffers": "32MB",
        "dynamic_shared_memory_type": "mmap",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "logical",
        "max_wal_senders": "0",
        "wal_init_zero": "off",
        "wal_recycle": "off",
        "checkpoint_timeout": "1h",
        "autovacuum": "off",  # its locks would be mistaken for the migration's
        "jit": "off",
        "max_parallel_workers": "0",
        "max_logical_replication_workers": "0",
        "password_encryption": _password_method(major),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "iso, mdy",
        "lc_messages": "C",
        "default_text_search_config": "pg_catalog.english",
        "log_min_error_statement": "panic",  # the log is for starting; errors reach the client
        "log_checkpoints": "off",
    }
    if major >= NOTICES_GONE_CLIENTS:
        chosen["client_connection_check_interval"] = "1s"  # a killed client's query ends as well
    if major >= CHEAP_SCRAM:
        chosen["scram_iterations"] = "1"  # the password is random; each connection is cheaper
    if major >= SAFE_CREATEROLE:
        chosen["createrole_self_grant"] = "set, inherit"  # an owner may hand objects to new roles
    if major >= ASYNCHRONOUS_IO:
        chosen["io_method"] = "sync"  # no worker processes
        if extensions is not None:
            chosen["extension_control_path"] = f"{extensions}:$system"
    return chosen


def configuration_file(chosen: dict[str, str]) -> str:
    """The settings as postgresql.conf."""
    return "".join(f"{name} = '{_escaped(value)}'\n" for name, value in chosen.items())


def access_file(major: int) -> str:
    """pg_hba.conf: everybody by password over the socket, nobody else at all."""
    # pg8000 refuses a SCRAM exchange as cheap as ours; a password in clear never leaves the socket.
    return f"local all {OWNER} password\nlocal all all {_password_method(major)}\n"


def initdb_arguments(major: int, *, utf8_locale: bool) -> list[str]:
    """Arguments of initdb beside the folder and the password file.

    Sorted by code point everywhere, with Unicode's letters where that is to be had: PostgreSQL 17
    has its own C.UTF-8, older ones take the machine's (``utf8_locale``).
    """
    chosen = ["--no-sync", "--no-instructions", "--encoding=UTF8", "--wal-segsize=1"]
    chosen += [f"--username={SUPERUSER}", "--locale=C", "--text-search-config=english"]
    chosen += ["--auth-host=reject", f"--auth-local={_password_method(major)}"]
    if major >= BUILTIN_LOCALE:
        chosen += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    elif utf8_locale:
        chosen += ["--lc-ctype=C.UTF-8"]
    if major >= CHECKSUMS_DEFAULT:
        chosen += ["--no-data-checksums"]
    if major >= CHEAP_SCRAM:
        chosen += ["--set=scram_iterations=1"]
    return chosen


def _password_method(major: int) -> str:
    return "scram-sha-256" if major >= CHEAP_SCRAM else "md5"  # the cheaper one for each connection


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
