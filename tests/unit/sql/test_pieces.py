"""What PostgreSQL's parser tells of a statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sql import (
    Action,
    AlterTable,
    CreateIndex,
    CreateTable,
    Default,
    Drop,
    LockTable,
    Modify,
    Name,
    Refresh,
    Reindex,
    Rename,
    SetParameter,
    Transaction,
    Vacuum,
    pieces,
    quoted,
    redacted,
)
from bot.sql.keywords import KEYWORDS


def action(sql: str) -> Action:
    """The only sub-command of an ALTER TABLE."""
    detail = pieces(f"ALTER TABLE t {sql}")[0].detail
    assert isinstance(detail, AlterTable)
    (only,) = detail.actions
    return only


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("CREATE INDEX i ON t (a)", "create index"),
        ("CREATE TABLE t (a int)", "create table"),
        ("CREATE TABLE t AS SELECT 1", "create table"),
        ("SELECT 1 INTO t", "create table"),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", "create materialized view"),
        ("ALTER TABLE t ADD a int", "alter table"),
        ("ALTER INDEX i SET TABLESPACE x", "alter index"),
        ("ALTER TABLE t RENAME a TO b", "rename"),
        ("DROP TABLE t", "drop table"),
        ("DROP INDEX CONCURRENTLY i", "drop index"),
        ("WITH x AS (SELECT 1) UPDATE t SET a = 1", "update"),
        ("MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE", "merge"),
        ("BEGIN", "transaction"),
        ("RESET ALL", "set"),
        ("DO $$begin end$$", "do"),
        ("VACUUM t", "vacuum"),
        ("ANALYZE t", "analyze"),
        ("CREATE TYPE m AS ENUM ('a')", "create type"),
        ("ALTER TYPE m ADD VALUE 'b'", "alter type"),
        ("REVOKE ALL ON t FROM b", "revoke"),
        ("not sql", "unknown"),
    ],
)
def test_every_statement_has_a_kind(sql: str, kind: str) -> None:
    """The command in lower case, with the kind of object where there is one."""
    assert [piece.kind for piece in pieces(sql)] == [kind]


def test_a_text_falls_into_its_statements() -> None:
    """Places count characters, not bytes; comments and white space around are not part of one."""
    sql = "-- é\nSELECT 'ü';\n\n UPDATE t SET a = 'ö' ; -- done"
    found = pieces(sql)
    assert [piece.text for piece in found] == ["SELECT 'ü'", "UPDATE t SET a = 'ö'"]
    assert [sql[piece.start : piece.end] for piece in found] == [piece.text for piece in found]


def test_one_bad_statement_hides_no_other() -> None:
    """What cannot be parsed is unknown; what stands beside it is read."""
    assert [piece.kind for piece in pieces("DROP TABLE t; oops; DROP INDEX i")] == [
        "drop table",
        "unknown",
        "drop index",
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE t SET a = %(a)s WHERE b = %(b)s",
        "UPDATE t SET a = %s WHERE b = %s",
        "UPDATE t SET a = $1 WHERE b = $2::text",
    ],
)
def test_placeholders_of_drivers_are_understood(sql: str) -> None:
    """Those of psycopg, pg8000 and asyncpg; the text stays as it was."""
    (piece,) = pieces(sql)
    assert (piece.kind, piece.text) == ("update", sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "1+" * 30_000 + "1",
        "SELECT 1" + " UNION SELECT 1" * 4_000,
        "SELECT 1" + " IS NULL" * 8_000,
        "SELECT * FROM a" + " JOIN b ON true" * 4_000,
        "SELECT " + "(" * 30_000 + "1" + ")" * 30_000,
        "SELECT '" + "x" * 70_000,
        "\ud800",
        "",
        ";;",
    ],
)
def test_no_text_is_too_much(sql: str) -> None:
    """Neither the parser's recursion nor odd characters end the process: the rest is unknown."""
    assert {piece.kind for piece in pieces(sql)} <= {"unknown"}


def test_a_long_list_of_values_is_read() -> None:
    """The guard against deep trees does not take a flat one for deep."""
    rows = ", ".join(f"({number}, 'x')" for number in range(4_000))
    (piece,) = pieces(f"INSERT INTO t VALUES {rows}")
    assert isinstance(piece.detail, Modify)
    assert piece.detail.rows == 4_000


@given(st.text(max_size=200))
def test_any_text_is_read(sql: str) -> None:
    """A stranger's text never raises, and its pieces lie in it in order."""
    found = pieces(sql)
    assert all(sql[piece.start : piece.end] == piece.text for piece in found)
    assert [piece.start for piece in found] == sorted(piece.start for piece in found)
    redacted(sql)


def test_an_index_is_read_in_full() -> None:
    """Keys, classes, order, INCLUDE, WHERE and the flags."""
    (piece,) = pieces(
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t USING btree "
        '(lower(a) text_pattern_ops, "B" DESC) INCLUDE (c) WHERE d > 1'
    )
    index = piece.detail
    assert isinstance(index, CreateIndex)
    assert (index.name, index.table, index.method) == ("i", Name("t", "s"), "btree")
    assert [(key.sql, key.column, key.operator_class, key.descending) for key in index.keys] == [
        ("lower(a)", None, "text_pattern_ops", False),
        ('"B"', "B", None, True),
    ]
    assert (index.include, index.predicate) == (("c",), "d > 1")
    assert index.unique
    assert index.concurrently
    assert index.if_not_exists


def test_a_table_is_read_in_full() -> None:
    """Types, defaults, identity, generated columns and constraints."""
    (piece,) = pieces(
        "CREATE TABLE t (id bigserial PRIMARY KEY, a int GENERATED ALWAYS AS IDENTITY,"
        " b int GENERATED ALWAYS AS (a + 1) STORED, c text DEFAULT 'x'::text NOT NULL,"
        " d int REFERENCES o ON DELETE SET NULL, CONSTRAINT u UNIQUE (a, b))"
    )
    table = piece.detail
    assert isinstance(table, CreateTable)
    serial, identity, generated, text, reference = table.columns
    assert (serial.serial, serial.not_null, serial.constraints[0].type) == (
        "bigint",
        True,
        "primary key",
    )
    assert identity.identity == "always"
    assert (generated.generated, generated.expression) == ("stored", "a + 1")
    assert (text.not_null, text.default) == (
        True,
        Default("'x'::text", constant=True, never_null=True),
    )
    assert reference.constraints[0].on_delete == "set null"
    assert [(item.name, item.columns) for item in table.constraints] == [("u", ("a", "b"))]


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("ADD COLUMN a int", "add column"),
        ("DROP COLUMN a", "drop column"),
        ("ALTER a TYPE text", "alter column type"),
        ("ALTER a SET NOT NULL", "set not null"),
        ("ALTER a DROP NOT NULL", "drop not null"),
        ("ALTER a SET DEFAULT 1", "set default"),
        ("ALTER a DROP DEFAULT", "drop default"),
        ("ADD CONSTRAINT c CHECK (a > 0)", "add constraint"),
        ("VALIDATE CONSTRAINT c", "validate constraint"),
        ("DROP CONSTRAINT c", "drop constraint"),
        ("ATTACH PARTITION p DEFAULT", "attach partition"),
        ("DETACH PARTITION p", "detach partition"),
        ("DISABLE TRIGGER ALL", "disable trigger"),
        ("SET LOGGED", "set logged"),
        ("SET UNLOGGED", "set unlogged"),
        ("SET TABLESPACE x", "set tablespace"),
        ("SET ACCESS METHOD heap", "set access method"),
        ("ALTER a ADD GENERATED ALWAYS AS IDENTITY", "add identity"),
        ("ALTER a SET STATISTICS 5", "set statistics"),
        ("OWNER TO b", "change owner"),
        ("ENABLE ROW LEVEL SECURITY", "enable row security"),
    ],
)
def test_every_sub_command_has_its_words(sql: str, kind: str) -> None:
    """Those of PostgreSQL, in lower case."""
    assert action(sql).kind == kind


@pytest.mark.parametrize(
    ("written", "on_delete"),
    [("", None), ("ON DELETE NO ACTION", "no action"), ("ON DELETE CASCADE NOT VALID", "cascade")],
)
def test_what_was_not_written_is_told_apart(written: str, on_delete: str | None) -> None:
    """The tree has NO ACTION for a missing ON DELETE; the text tells."""
    constraint = action(f"ADD FOREIGN KEY (a) REFERENCES o (id) {written}").constraint
    assert constraint is not None
    assert constraint.on_delete == on_delete


def test_a_bound_is_read() -> None:
    """MINVALUE is a word of its own, not a column."""
    bound = action("ATTACH PARTITION p FOR VALUES FROM (MINVALUE) TO ('b')").bound
    assert bound is not None
    assert bound.sql == "FOR VALUES FROM (MINVALUE) TO ('b')"


@pytest.mark.parametrize(
    ("sql", "detail"),
    [
        ("LOCK t IN SHARE MODE", LockTable((Name("t"),), "ShareLock")),
        ("REINDEX (CONCURRENTLY) TABLE t", Reindex("table", Name("t"), concurrently=True)),
        ("REINDEX (CONCURRENTLY off) TABLE t", Reindex("table", Name("t"))),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", Refresh(Name("v"), concurrently=True)),
        ("VACUUM (FULL) t", Vacuum("vacuum", (Name("t"),), full=True)),
        ("ANALYZE", Vacuum("analyze", analyze=True)),
        ("ROLLBACK TO SAVEPOINT s", Transaction("rollback to", "s")),
        ("SET LOCAL lock_timeout = '5s'", SetParameter("lock_timeout", "5s", local=True)),
        (
            "SELECT set_config('lock_timeout', '5s', true)",
            SetParameter("lock_timeout", "5s", local=True),
        ),
        ("ALTER TABLE t RENAME TO u", Rename("table", Name("t"), "t", "u")),
        (
            "DROP TRIGGER g ON s.t",
            Drop("trigger", (Name("g"),), relation=Name("t", "s")),
        ),
        ("DROP TYPE s.m CASCADE", Drop("type", (Name("m", "s"),), cascade=True)),
    ],
)
def test_commands_are_read(sql: str, detail: object) -> None:
    """Each with what a policy asks of it."""
    assert pieces(sql)[0].detail == detail


def test_names_are_compared_and_quoted() -> None:
    """Without a schema any one's table can be meant."""
    assert Name("t").names("s.t")
    assert not Name("t", "s").names("public.t")
    assert Name("User", "s").sql == 's."User"'
    assert [quoted(name) for name in ("name", "user", 'a"b', "")] == [
        "name",
        '"user"',
        '"a""b"',
        '""',
    ]


def test_keywords_are_those_of_the_parser() -> None:
    """The list is what PostgreSQL's scanner calls a keyword that is not unreserved."""
    from postgast import pg_query_pb2, scan

    words = {name.lower().removesuffix("_p") for name in pg_query_pb2.Token.keys()}  # noqa: SIM118 - an enum
    plain = (pg_query_pb2.NO_KEYWORD, pg_query_pb2.UNRESERVED_KEYWORD)
    scanned = ((word, scan(word).tokens) for word in words if word.replace("_", "").isalpha())
    reserved = {
        word for word, tokens in scanned if len(tokens) == 1 and tokens[0].keyword_kind not in plain
    }
    assert reserved <= KEYWORDS


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("CREATE ROLE r PASSWORD 'geheim'", "CREATE ROLE r PASSWORD '…'"),
        ("SELECT 'ü', E'a\\'b', 12", "SELECT '…', '…', 12"),
        ("SELECT 'open", "SELECT '…'"),
    ],
)
def test_literals_are_left_out(sql: str, shown: str) -> None:
    """Names and numbers stay."""
    assert redacted(sql) == shown
