"""pg_dump is the judge of what a schema is: where it sees a change, so must the snapshot.

``DB_RECHECK_EXAMPLES=2000`` searches for longer, at random.
"""

from __future__ import annotations

import difflib
import os
import re
import string
import subprocess
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bot.facts import Difference
from bot.observe.catalogue import Ignore, Snapshot, differences, snapshot
from bot.observe.server import Server

HERE = Path(__file__).parent
EXAMPLES = int(os.environ.get("DB_RECHECK_EXAMPLES", "0"))
STATEMENTS = (HERE / "statements.sql").read_text("utf-8").splitlines()
NUMBERS = count()

POOLS = {
    "schema": "app public other",
    "new": 'n1 n2 "Odd Name"',
    "type": "mood app.pair posint span n1",
    "role": "reader writer",
    "usage": "USAGE CREATE ALL",
    "text": "'one' 'two' NULL",
    "number": "1 7 50 90",
    "datatype": "integer bigint text varchar(20) varchar(40) numeric(8,2) mood posint text[] date",
    "integertype": "smallint integer bigint",
    "sequence": "counter author_id_seq book_id_seq n1",
    "seqprivilege": "USAGE SELECT UPDATE ALL",
    "table": "author book app.note event event_1 event_2 base derived remote n1 titles counts",
    "column": "id a b c d e n1",
    "storage": "PLAIN EXTERNAL MAIN EXTENDED",
    "index": "author_a_idx author_lower_idx author_pkey author_c_key book_c_idx book_pkey"
    " event_a_idx event_1_a_idx n1",
    "constraint": "author_a_check author_c_key author_pkey book_a_fkey base_a positive n1"
    " author_c_not_null event_c_not_null event_id_not_null base_id_not_null",
    "privilege": "SELECT INSERT UPDATE TRUNCATE ALL",
    "colprivilege": "SELECT UPDATE ALL",
    "onaction": "ON|DELETE|CASCADE ON|DELETE|SET|NULL ON|UPDATE|SET|DEFAULT MATCH|FULL"
    " DEFERRABLE|INITIALLY|DEFERRED",
    "routine": "STABLE STRICT SECURITY|DEFINER LEAKPROOF PARALLEL|SAFE COST|7",
    "enable": "ENABLE DISABLE ENABLE|ALWAYS ENABLE|REPLICA",
    "command": "ALL SELECT DELETE",
    "extension": "hstore citext tablefunc",
}

# What pg_dump does not say.
NOT_DUMPED = {
    ("schema", "comment"),  # that of public, before 15
    ("column", "nullability"),  # a child that allows NULL where its parent does not, before 18
    ("constraint", "triggers"),  # ALTER TABLE … DISABLE TRIGGER ALL
    ("constraint", "index validity"),
    ("index", "validity"),
}


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement that may well fail: some object is not there, is there, or is of another kind."""
    template = draw(st.sampled_from(STATEMENTS))
    fields = {field for _, field, _, _ in string.Formatter().parse(template) if field}
    chosen = {
        field: draw(st.sampled_from(re.findall(r'"[^"]+"|\S+', POOLS[field]))).replace("|", " ")
        for field in sorted(fields - {"database"})
    }
    return template.format(**chosen, database="{database}")


def dump(program: Path, connection: psycopg.Connection) -> str:
    """The schema as pg_dump writes it, without the order that is nobody's business."""
    at = connection.info
    done = subprocess.run(
        [program, "--schema-only", "--create", "--no-password"],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PGHOST": at.host,
            "PGPORT": str(at.port),
            "PGUSER": at.user,
            "PGPASSWORD": at.password,
            "PGDATABASE": at.dbname,
            "PGCLIENTENCODING": "UTF8",
        },
    )
    lines = [
        line
        for line in done.stdout.splitlines()
        if line and not re.match(r"--|SET |\\|SELECT pg_catalog\.set_config", line)
    ]
    return "\n".join(sorted(map(_normal, re.split(r"(?<=;)\n", "\n".join(lines)))))


def _normal(statement: str) -> str:
    """Columns by name; storage options by name."""
    if re.match(r"CREATE (UNLOGGED |FOREIGN )?TABLE", statement):
        head, *body = [line.rstrip(",") for line in statement.splitlines()]
        statement = "\n".join([head, *sorted(body)])
    return re.sub(
        r"WITH \(([^()]*=[^()]*)\)",
        lambda match: f"WITH ({', '.join(sorted(match[1].split(', ')))})",
        statement,
    )


def _look(program: Path, connection: psycopg.Connection) -> tuple[str, Snapshot]:
    return dump(program, connection), snapshot(connection, Ignore())


@pytest.fixture(scope="session")
def seed(server: Server) -> str:
    """A database with one of everything, to be cloned."""
    name = server.create("seed")
    with server.connect(name) as connection:
        connection.execute("SET search_path = public")
        connection.execute((HERE / "seed.sql").read_bytes())
    return name


@given(changes=st.lists(statements(), min_size=4, max_size=8))
@settings(
    max_examples=EXAMPLES or 8,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
def test_a_changed_dump_is_a_changed_snapshot(
    server: Server, seed: str, pg_dump: Path, changes: list[str]
) -> None:
    """Whenever pg_dump sees a statement's effect the snapshots differ, and the other way round."""
    name = server.clone(seed, f"dumped{next(NUMBERS)}")
    with server.connect(name) as connection:
        connection.execute("SET search_path = public; SET client_min_messages = error")
        before, old = _look(pg_dump, connection)
        for change in changes:
            try:
                connection.execute(change.replace("{database}", f'"{name}"').encode())
            except psycopg.Error:
                event("refused by PostgreSQL")
                continue
            event("done")
            after, new = _look(pg_dump, connection)
            _agree(change, before, after, differences(old, new, validated=True))
            before, old = after, new
    server.drop(name)


def _agree(change: str, before: str, after: str, found: tuple[Difference, ...]) -> None:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    told = f"{change}\n" + "\n".join(lines) + "\n" + "\n".join(map(str, found))
    if before != after:
        assert found, f"pg_dump alone sees the effect of {told}"
    else:
        unseen = [each for each in found if (each.kind, each.attribute) not in NOT_DUMPED]
        assert not unseen, f"pg_dump does not see the effect of {told}"
