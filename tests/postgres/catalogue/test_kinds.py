"""One statement for every kind of object, and what the comparison says about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.observe.catalogue import Ignore, Snapshot, differences, snapshot
from bot.observe.server import Server

HERE = Path(__file__).parent
IGNORE = Ignore((("public", "alembic_version"),))

# "statement" -> "kind name attribute" of each difference, "+" for a new object, "-" for one gone.
# "since 15:" in front of a statement: not before that major.
CASES = {
    "CREATE SCHEMA extra": "+schema extra",
    "ALTER SCHEMA app OWNER TO reader": "schema app owner",
    "GRANT USAGE ON SCHEMA app TO reader": "schema app privileges",
    "COMMENT ON SCHEMA app IS 'x'": "schema app comment",
    "CREATE TABLE extra (id serial PRIMARY KEY, x int UNIQUE CHECK (x > 0), y int"
    " GENERATED ALWAYS AS IDENTITY); CREATE INDEX ON extra (x)": "+table public.extra",
    "DROP TABLE app.note": "-table app.note",
    "ALTER TABLE app.note SET UNLOGGED": "table app.note persistence",
    "ALTER TABLE author SET (fillfactor = 50)": "table public.author options",
    "ALTER TABLE author SET (toast.autovacuum_enabled = off)": "table public.author toast options",
    "ALTER TABLE author ENABLE ROW LEVEL SECURITY": "table public.author row security",
    "ALTER TABLE author FORCE ROW LEVEL SECURITY": "table public.author forced row security",
    "ALTER TABLE author REPLICA IDENTITY FULL": "table public.author replica identity",
    "ALTER TABLE author REPLICA IDENTITY USING INDEX author_c_key":
        "table public.author replica identity,"
        " constraint public.author.author_c_key replica identity",
    "ALTER TABLE author CLUSTER ON author_a_idx": "index public.author_a_idx clustered",
    "ALTER TABLE author OWNER TO writer":
        "table public.author owner, sequence public.author_id_seq owner,"
        " table public.author privileges",
    "REVOKE SELECT ON author FROM reader": "table public.author privileges",
    "COMMENT ON TABLE author IS NULL": "table public.author comment",
    "ALTER TABLE derived NO INHERIT base":
        "table public.derived parents, column public.derived.a inheritance,"
        " column public.derived.b inheritance, column public.derived.id inheritance,"
        " +constraint public.derived.base_a",
    "ALTER TABLE event ATTACH PARTITION event_2 FOR VALUES FROM (20) TO (30)":
        "table public.event_2 parents, table public.event_2 partition bound,"
        " +index public.event_2_a_idx, column public.event_2.a inheritance,"
        " column public.event_2.b inheritance, column public.event_2.c inheritance,"
        " column public.event_2.d inheritance, column public.event_2.e inheritance,"
        " column public.event_2.id inheritance",
    "ALTER TABLE author ADD COLUMN extra int NOT NULL": "+column public.author.extra",
    "ALTER TABLE author ADD COLUMN extra serial": "+column public.author.extra",
    "ALTER TABLE author DROP COLUMN b CASCADE":
        "-column public.author.b, -index public.author_lower_idx,"
        " -statistics public.author_stats",
    "ALTER TABLE author ALTER c TYPE varchar(40)": "column public.author.c type",
    "ALTER TABLE author ALTER c DROP NOT NULL": "column public.author.c nullability",
    "ALTER TABLE author ALTER c DROP NOT NULL, ALTER c SET DEFAULT ''":
        "column public.author.c nullability, column public.author.c default",
    "ALTER TABLE author ALTER b DROP DEFAULT": "column public.author.b default",
    "ALTER TABLE book ALTER id DROP IDENTITY": "column public.book.id identity",
    "ALTER TABLE book ALTER id SET GENERATED ALWAYS": "column public.book.id identity",
    "ALTER TABLE book ALTER id SET INCREMENT 5": "sequence public.book_id_seq increment",
    "ALTER TABLE book ALTER d DROP EXPRESSION":
        "column public.book.d generated",
    'ALTER TABLE app.note ALTER b TYPE text COLLATE "C"': "column app.note.b collation",
    "ALTER TABLE author ALTER b SET STORAGE EXTERNAL": "column public.author.b storage",
    "since 14: ALTER TABLE author ALTER b SET COMPRESSION pglz":
        "column public.author.b compression",
    "ALTER TABLE author ALTER b SET STATISTICS 7": "column public.author.b statistics",
    "ALTER TABLE author ALTER b SET (n_distinct = 7)": "column public.author.b options",
    "GRANT SELECT (b) ON author TO writer": "column public.author.b privileges",
    "COMMENT ON COLUMN author.b IS 'other'": "column public.author.b comment",
    "ALTER TABLE author RENAME a TO z":
        "-column public.author.a, +column public.author.z,"
        " constraint public.author.author_a_check definition,"
        " index public.author_a_idx definition, policy public.author.own using,"
        " statistics public.author_stats definition, materialized view public.counts definition",
    "since 18: ALTER TABLE author RENAME CONSTRAINT author_c_not_null TO other":
        "column public.author.c not-null constraint",
    "ALTER TABLE author ADD CONSTRAINT extra CHECK (a < 9)": "+constraint public.author.extra",
    "ALTER TABLE author DROP CONSTRAINT author_c_key": "-constraint public.author.author_c_key",
    "ALTER TABLE book ALTER CONSTRAINT book_a_fkey DEFERRABLE":
        "constraint public.book.book_a_fkey definition",
    "since 18: ALTER TABLE book ALTER CONSTRAINT book_a_fkey NOT ENFORCED":
        "constraint public.book.book_a_fkey enforced",
    "ALTER TABLE book DISABLE TRIGGER ALL": "constraint public.book.book_a_fkey triggers",
    "COMMENT ON CONSTRAINT author_c_key ON author IS 'x'":
        "constraint public.author.author_c_key comment",
    "CREATE INDEX extra ON author (d)": "+index public.extra",
    "DROP INDEX book_c_idx": "-index public.book_c_idx",
    "ALTER INDEX author_a_idx SET (fillfactor = 50)": "index public.author_a_idx definition",
    "ALTER INDEX author_lower_idx ALTER COLUMN 1 SET STATISTICS 7":
        "index public.author_lower_idx statistics",
    "COMMENT ON INDEX author_a_idx IS 'x'": "index public.author_a_idx comment",
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'author_a_idx'::regclass":
        "index public.author_a_idx validity",
    "CREATE SEQUENCE extra": "+sequence public.extra",
    "ALTER SEQUENCE counter CYCLE": "sequence public.counter cycle",
    "ALTER SEQUENCE counter OWNED BY book.b": "sequence public.counter owned by",
    "SELECT nextval('counter')": "",
    "ALTER TYPE mood ADD VALUE 'fine' BEFORE 'ok'": "type public.mood values",
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'fair'":
        "type public.mood values, column public.author.e default",
    "ALTER TYPE app.pair ADD ATTRIBUTE z int": "type app.pair attributes",
    "ALTER TYPE mood OWNER TO reader": "type public.mood owner",
    "REVOKE USAGE ON TYPE mood FROM PUBLIC": "type public.mood privileges",
    "COMMENT ON TYPE mood IS 'x'": "type public.mood comment",
    "CREATE TYPE extra AS RANGE (SUBTYPE = text)": "+type public.extra",
    "ALTER DOMAIN posint SET NOT NULL": "domain public.posint nullability",
    "ALTER DOMAIN posint SET DEFAULT 7": "domain public.posint default",
    "ALTER DOMAIN posint DROP CONSTRAINT positive": "-constraint public.posint.positive",
    "CREATE DOMAIN extra AS text CHECK (VALUE <> '')": "+domain public.extra",
    "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n'":
        "function public.twice(integer) definition",
    "ALTER FUNCTION twice SECURITY DEFINER": "function public.twice(integer) definition",
    "ALTER FUNCTION twice SET work_mem = '1MB'": "function public.twice(integer) definition",
    "ALTER FUNCTION twice OWNER TO reader": "function public.twice(integer) owner",
    "GRANT EXECUTE ON FUNCTION twice TO reader": "function public.twice(integer) privileges",
    "DROP PROCEDURE tidy": "-procedure public.tidy()",
    "CREATE OR REPLACE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '7')":
        "aggregate public.total(integer) aggregate",
    "DROP TRIGGER touched ON author": "-trigger public.author.touched",
    "ALTER TABLE author DISABLE TRIGGER touched": "trigger public.author.touched enabled",
    "ALTER EVENT TRIGGER watching DISABLE": "event trigger watching enabled",
    "CREATE OR REPLACE VIEW titles AS SELECT id, b, c, a FROM book":
        "view public.titles definition",
    "ALTER VIEW titles SET (security_barrier)": "view public.titles options",
    "DROP MATERIALIZED VIEW counts": "-materialized view public.counts",
    "REFRESH MATERIALIZED VIEW counts WITH NO DATA": "materialized view public.counts populated",
    "ALTER VIEW titles ALTER b SET DEFAULT 'x'": "+column public.titles.b",
    "DROP RULE quiet ON app.note": "-rule app.note.quiet",
    "ALTER POLICY own ON author USING (a = 7)": "policy public.author.own using",
    "ALTER STATISTICS author_stats SET STATISTICS 7": "statistics public.author_stats target",
    "ALTER PUBLICATION news ADD TABLE book": "publication news tables",
    "ALTER PUBLICATION news SET (publish = 'insert')": "publication news properties",
    "CREATE SUBSCRIPTION extra CONNECTION 'password=secret' PUBLICATION p WITH (connect = false)":
        "+subscription extra",
    "ALTER FOREIGN DATA WRAPPER wire OPTIONS (SET debug 'off')":
        "foreign-data wrapper wire options",
    "ALTER SERVER far VERSION '7'": "server far version",
    "DROP SERVER far CASCADE": "-server far, -foreign table public.remote",
    "CREATE USER MAPPING FOR writer SERVER far OPTIONS (password 'secret')":
        "+user mapping writer on server far",
    "ALTER FOREIGN TABLE remote OPTIONS (ADD n 'x')": "foreign table public.remote foreign options",
    "CREATE EXTENSION hstore": "+extension hstore",
    "CREATE EXTENSION hstore; ALTER EXTENSION hstore SET SCHEMA app": "+extension hstore",
    "ALTER TEXT SEARCH CONFIGURATION search DROP MAPPING FOR url":
        "text search configuration public.search mappings",
    "ALTER TEXT SEARCH DICTIONARY words (Accept = false)":
        "text search dictionary public.words options",
    "DROP OPERATOR === (integer, integer)": "-operator public.===(integer, integer)",
    "DROP OPERATOR CLASS backwards USING btree":
        "-operator class public.backwards using btree,"
        " operator family public.numbers using btree operators,"
        " operator family public.numbers using btree functions",
    "DROP CAST (app.pair AS mood)": "-cast app.pair as public.mood",
    "DROP CONVERSION again": "-conversion public.again",
    "DROP COLLATION plain": "-collation public.plain",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO reader":
        "+default privilege for role {me} on sequences",
    "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM reader":
        "-default privilege for role {me} on tables",
    "CREATE ROLE extra LOGIN PASSWORD 'secret'": "+role extra",
    "ALTER ROLE reader CREATEDB": "role reader createdb",
    "ALTER ROLE reader PASSWORD 'secret'": "",
    "ALTER ROLE reader SET work_mem = '1MB'": "+setting work_mem of role reader",
    "GRANT reader TO writer": "+membership writer in reader{by}",
    "COMMENT ON ROLE reader IS 'x'": "role reader comment",
    "ALTER DATABASE {database} SET work_mem = '1MB'": "+setting work_mem of the database",
    "ALTER ROLE reader IN DATABASE {database} SET work_mem = '1MB'":
        "+setting work_mem of role reader in the database",
    "GRANT CREATE ON DATABASE {database} TO reader": "database current privileges",
    "COMMENT ON DATABASE {database} IS 'x'": "database current comment",
    "GRANT SELECT ON pg_authid TO reader": "+system privilege table pg_catalog.pg_authid",
    "since 15: GRANT SET ON PARAMETER work_mem TO reader": "+parameter work_mem",
    "CREATE TABLE alembic_version (version_num text PRIMARY KEY); GRANT SELECT ON alembic_version"
    " TO reader; CREATE INDEX ON alembic_version (version_num)": "",
    "CREATE TEMP TABLE extra (id serial)": "",
    "ALTER TABLE author ADD COLUMN z int; ALTER TABLE author DROP COLUMN z": "",
    "ALTER TABLE book DROP COLUMN e; ALTER TABLE book ADD COLUMN e app.pair;"
    "ALTER TABLE book ADD f int; ALTER TABLE book DROP f": "",
    "GRANT SELECT ON book TO reader; REVOKE SELECT ON book FROM reader": "",
    "SET search_path = app, pg_catalog; SET quote_all_identifiers = on;"
    " SET datestyle = 'German'": "",
    "ANALYZE author; INSERT INTO author (c) VALUES ('x')": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def seeded(server: Server) -> Iterator[psycopg.Connection]:
    """A database with one of everything."""
    name = server.create("kinds")
    with server.connect(name) as connection:
        connection.execute("SET search_path = public")
        connection.execute((HERE / "seed.sql").read_bytes())
        yield connection
    server.drop(name)


@pytest.fixture(scope="module")
def before(seeded: psycopg.Connection) -> Snapshot:
    """That database as it is: every case is rolled back."""
    return snapshot(seeded, IGNORE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[:60])
def test_every_kind_of_object_is_compared(
    seeded: psycopg.Connection, before: Snapshot, case: str
) -> None:
    """The statement is told as these differences, and its reversal as their mirror image."""
    statement, expected = case, CASES[case]
    major = seeded.info.server_version // 10000
    if case.startswith("since "):
        since, _, statement = case.partition(": ")
        if major < int(since.split()[1]):
            pytest.skip(f"PostgreSQL {major} does not know this")
    by = f" by {seeded.info.user}" if major >= 16 else ""
    expected = expected.replace("{me}", seeded.info.user).replace("{by}", by)
    with seeded.transaction(force_rollback=True):
        seeded.execute(statement.replace("{database}", seeded.info.dbname).encode())
        after = snapshot(seeded, IGNORE)
    found = differences(before, after)
    names = {
        ("+" if each.before is None else "-" if each.after is None else "")
        + each.label
        + (f" {each.attribute}" if each.attribute else "")
        for each in found
    }
    assert names == (set(expected.split(", ")) if "===" not in expected else {expected}) - {""}
    assert (before.raw == after.raw) == (expected == "")
    assert all(each.before != each.after for each in found)
    mirrored = [(each.label, each.attribute, each.after, each.before) for each in found]
    back = differences(after, before)
    assert sorted(mirrored, key=str) == sorted(
        [(each.label, each.attribute, each.before, each.after) for each in back], key=str
    )
    assert b"secret" not in after.raw
    assert seeded.info.dbname.encode() not in after.raw
