"""``seed-sql`` on a real server: scripts, dumps, and what is left out of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.observe.rows.dump import Unreadable, pg_restore, script
from bot.observe.rows.seed import Fault, run
from bot.observe.server import Server, ServerOptions
from bot.observe.server.binaries import choose_binaries
from tests.postgres.rows.conftest import Template, template

TABLES = "CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL)"


@pytest.fixture
def people(server: Server) -> Template:
    """One table."""
    return template(server, TABLES)


def rows(found: Template, database: str) -> int:
    """How many people there are."""
    with found.server.connect(database) as connection:
        row = connection.execute(b"SELECT count(*) FROM public.people").fetchone()
    return int(str(row and row[0]))


def test_a_script_runs_statement_by_statement(people: Template) -> None:
    """What the server refuses is told with its line; the rest is there."""
    text = (
        "INSERT INTO people VALUES (1, 'Ada');\n"
        "INSERT INTO people VALUES (1, 'Eve');\n"
        "CREATE TABLE people (id integer);\n"
        "SET transaction_timeout = 'never';\n"
        "\\i other.sql\n"
        "COPY people (id, name) FROM stdin;\n2\tBo\\ttle\n3\tCy\n\\.\n"
    )
    with people.server.connect_as_owner(people.name) as connection:
        faults = run(connection, text)
    assert [fault.line for fault in faults] == [2, 5]
    assert "duplicate key" in faults[0].reason
    assert faults[1] == Fault(5, "psql's own command \\i is not run")
    assert rows(people, people.name) == 3


def test_a_script_has_no_more_rights_than_a_migration(people: Template) -> None:
    """No file of the server is read, and no program is run."""
    text = (
        "COPY people FROM PROGRAM 'echo 1,x';\n"
        "COPY people FROM '/etc/passwd';\n"
        "SET session_replication_role = replica;\n"
        "CREATE ROLE boss SUPERUSER;\n"
    )
    with people.server.connect_as_owner(people.name) as connection:
        faults = run(connection, text)
    assert [fault.line for fault in faults] == [1, 2, 4]
    assert rows(people, people.name) == 0


def test_a_dump_in_the_custom_format_is_read(people: Template, tmp_path: Path) -> None:
    """``pg_dump -Fc`` fills an empty table; its reader is nobody where we are root."""
    restore = pg_restore(os.environ.get("PATH", ""))
    if restore is None:
        pytest.skip("no pg_restore that this user may run")
    with people.server.connect_as_owner(people.name) as connection:
        run(connection, "INSERT INTO people SELECT n, 'person ' || n FROM generate_series(1, 9) n")
    address = people.server.address(people.name)
    programs = choose_binaries(ServerOptions(major=people.server.major)).programs
    dump = tmp_path / "people.dump"
    subprocess.run(
        [programs / "pg_dump", "-Fc", "-f", dump, "--data-only", "--no-password"],
        check=True,
        env={
            "PGHOST": address.host,
            "PGPORT": str(address.port),
            "PGUSER": address.user,
            "PGPASSWORD": address.password,
            "PGDATABASE": address.database,
        },
    )
    try:
        text = script(dump, restore)
    except Unreadable as error:
        pytest.skip(f"the dump is newer than pg_restore: {error}")
    with people.server.connect_as_owner(people.name) as connection:
        connection.execute("DELETE FROM people")
        assert not run(connection, text)
    assert rows(people, people.name) == 9


def test_a_broken_dump_is_told(tmp_path: Path) -> None:
    """The reader's own words say why."""
    dump = tmp_path / "broken.dump"
    dump.write_bytes(b"PGDMP\x01\x0e\x00nonsense")
    with pytest.raises(Unreadable, match="pg_restore"):
        script(dump, pg_restore(os.environ.get("PATH", "")))
