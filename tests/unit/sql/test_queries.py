"""What expressions, queries and statements about rights say, as parsed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sql import queries, rights
from bot.sql.queries import Setting

OWN = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::bigint)"


def test_expression_tells_what_it_compares_and_asks() -> None:
    """Casts and functions around a column hide nothing."""
    read = queries.expression(OWN)
    assert read is not None
    assert set(read.compared) == {"tenant_id"}
    assert read.constant is None
    assert queries.settings(OWN) == (Setting("app.tenant_id", missing_ok=True),)
    assert any("current_setting" in part for part in queries.against(OWN, "tenant_id"))
    assert queries.against(OWN, "id") == ()


@pytest.mark.parametrize(
    ("sql", "constant"), [("true", True), ("(false)", False), ("id > 0", None), ("NULL", None)]
)
def test_constant_is_told(sql: str, constant: object) -> None:
    """A literal truth value is one, whatever brackets are around it."""
    read = queries.expression(sql)
    assert read is not None
    assert read.constant is constant


@pytest.mark.parametrize(
    ("sql", "compared"),
    [
        ("SELECT 1 FROM a JOIN b USING (tenant_id)", {"tenant_id"}),
        ("SELECT 1 FROM a WHERE tenant_id IN (1, 2)", {"tenant_id"}),
        ("SELECT 1 FROM a WHERE tenant_id IN (SELECT x FROM b)", {"tenant_id"}),
        ("SELECT 1 FROM a WHERE tenant_id = ANY ($1)", {"tenant_id"}),
        ("SELECT 1 FROM a WHERE tenant_id > 1", set()),
    ],
)
def test_comparisons_for_equality(sql: str, compared: set[str]) -> None:
    """Joins and lists compare too; an order does not."""
    read = queries.query(sql)
    assert read is not None
    assert read.compared == compared


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("INSERT INTO a (x) VALUES (1)", []),
        ("INSERT INTO a (x) SELECT x FROM b", ["b"]),
        ("INSERT INTO a (x) SELECT x FROM a", ["a"]),
        ("WITH new AS (INSERT INTO a (x) VALUES (1) RETURNING x) SELECT x FROM new, b", ["b"]),
        ("UPDATE a SET x = 1 FROM b", ["a", "b"]),
    ],
)
def test_what_an_insert_only_writes_is_not_read(sql: str, tables: list[str]) -> None:
    """Unless it reads it as well."""
    read = queries.query(sql)
    assert read is not None
    assert [name.name for name in read.tables] == tables


@pytest.mark.parametrize(
    ("sql", "filtered"),
    [
        ("SELECT x = 1 FROM a WHERE y = 2", {"y"}),
        ("SELECT 1 FROM a JOIN b ON a.x = b.y JOIN c USING (z) ORDER BY v = 1", {"x", "y", "z"}),
        ("UPDATE a SET x = (y = 1) WHERE z = 1", {"z"}),
        ("SELECT 1 FROM (SELECT 1 FROM a WHERE x = 1) AS s", {"x"}),
    ],
)
def test_conditions_are_told_from_results(sql: str, filtered: set[str]) -> None:
    """What is shown, written or sorted by keeps no row back."""
    read = queries.query(sql)
    assert read is not None
    assert read.filtered == filtered


def test_setting_that_must_be_there() -> None:
    """Without the second argument, or with false, nobody having set it is an error."""
    assert queries.settings("x = current_setting('a.b')") == (Setting("a.b"),)
    assert queries.settings("x = current_setting('a.b', false)") == (Setting("a.b"),)
    body = "BEGIN NEW.by := current_setting('a.by', true); RETURN NEW; END"
    assert queries.settings(body) == (Setting("a.by", missing_ok=True),)


def test_grants_and_roles() -> None:
    """ALL is no list; PUBLIC is a role; what comes later is told apart."""
    (granted,) = rights.grants("GRANT ALL ON s.t, u TO PUBLIC, reader")
    assert granted == rights.Granted((), "table", ("s.t", "u"), ("PUBLIC", "reader"))
    (later,) = rights.grants("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader")
    assert later.by_default
    assert rights.grants("REVOKE ALL ON t FROM PUBLIC") == ()
    (made,) = rights.roles("CREATE ROLE r SUPERUSER NOCREATEROLE PASSWORD 'x'")
    assert made == rights.RoleMade("r", ("superuser",), "x", created=True)


@pytest.mark.parametrize(
    ("sql", "reached"),
    [
        ("COPY t TO PROGRAM 'gzip'", ("runs the program", "gzip")),
        ("SELECT pg_read_file('/etc/passwd')", ("calls", "pg_read_file()")),
        ("DO LANGUAGE plperlu 'x'", ("has code in the untrusted language", "plperlu")),
        ("COPY t FROM STDIN", None),
        ("CREATE EXTENSION citext", None),
    ],
)
def test_what_of_the_server_is_reached(sql: str, reached: tuple[str, str] | None) -> None:
    """Files, programs and other servers; not what the client sends."""
    assert rights.reached(sql) == ((reached,) if reached else ())


@given(st.text(max_size=60))
def test_nothing_raises(text: str) -> None:
    """Whatever the text is."""
    queries.query(text)
    queries.settings(text)
    queries.against(text, "a")
    for read in (rights.grants, rights.roles, rights.reached, rights.databases, rights.extensions):
        read(text)
