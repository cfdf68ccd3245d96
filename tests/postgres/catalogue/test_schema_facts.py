"""A snapshot as facts: what policies and the row generator are told, by real servers."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import psycopg
import pytest

from bot.facts.relation import IndexKey
from bot.facts.schema import Grant, Schema, Table
from bot.observe.catalogue import Ignore, Snapshot, schema_of, schemas, snapshot
from bot.observe.check_trials import try_checks
from bot.observe.server import Server

SEED = Path(__file__).with_name("seed.sql").read_text("utf-8")
IGNORE = Ignore(version_tables=((None, "alembic_version"),))
_NUMBERS = count()


def look(connection: psycopg.Connection) -> Snapshot:
    """The catalogue with its structure."""
    return snapshot(connection, IGNORE, structure=True)


def table(schema: Schema, name: str) -> Table:
    """The table, which has to be there."""
    found = schema.table(name)
    assert found is not None
    return found


@pytest.fixture
def seeded(connection: psycopg.Connection) -> psycopg.Connection:
    """A database with one of everything."""
    connection.execute("SET search_path = public")
    connection.execute(SEED.encode())
    return connection


def test_columns_tell_their_type_through_domains_and_arrays(connection: psycopg.Connection) -> None:
    """Sizes, kinds and categories are those of one value."""
    connection.execute(
        "SET search_path = public; CREATE TYPE mood AS ENUM ('sad', 'ok');"
        "CREATE DOMAIN price AS numeric(10, 2) NOT NULL CHECK (VALUE >= 0);"
        "CREATE TABLE t (gone int, a varchar(20)[], b price, c mood[], d timestamptz(3),"
        ' e numeric(5, 0), f interval, "G" bit(4), h char(2), i price[])'
    )
    connection.execute("ALTER TABLE t DROP COLUMN gone")
    schema = schema_of(look(connection))
    told = {item.name: item.type for item in table(schema, "public.t").columns}
    assert [item.position for item in table(schema, "public.t").columns] == list(range(1, 10))
    assert (told["a"].base, told["a"].array, told["a"].length) == ("character varying", True, 20)
    assert (told["b"].domain, told["b"].base, told["b"].precision, told["b"].scale) == (
        "public.price",
        "numeric",
        10,
        2,
    )
    assert (told["c"].kind, told["c"].category, told["c"].array) == ("enum", "E", True)
    assert (told["d"].name, told["d"].precision) == ("timestamp(3) with time zone", 3)
    assert (told["e"].precision, told["e"].scale) == (5, 0)
    assert told["f"].precision is None
    assert (told["G"].length, told["h"].length) == (4, 2)
    assert (told["i"].array, told["i"].domain, told["i"].base) == (True, "public.price", "numeric")
    (domain,) = schema.domains
    assert (domain.nullable, domain.type.base, domain.checks) == (
        False,
        "numeric",
        ("CHECK ((VALUE >= (0)::numeric))",),
    )


def test_constraints_tell_what_they_are_made_of(seeded: psycopg.Connection) -> None:
    """Columns in the key's order, what happens on delete, what is not checked yet."""
    seeded.execute(
        "CREATE TABLE pair (b int, a int, PRIMARY KEY (b, a));"
        "CREATE TABLE child (x int, y int CHECK (y > 0) NO INHERIT, c circle,"
        " FOREIGN KEY (x, y) REFERENCES pair (b, a) ON DELETE SET NULL ON UPDATE CASCADE"
        " DEFERRABLE INITIALLY DEFERRED, EXCLUDE USING gist (c WITH &&));"
        "ALTER TABLE child ADD CONSTRAINT late CHECK (x > 0) NOT VALID"
    )
    child = table(schema_of(look(seeded)), "public.child")
    (key,) = child.foreign_keys
    assert (key.columns, key.references, key.referenced) == (
        ("x", "y"),
        "public.pair",
        ("b", "a"),
    )
    assert (key.on_delete, key.on_update, key.deferrable, key.deferred) == (
        "SET NULL",
        "CASCADE",
        True,
        True,
    )
    kinds = {item.name: item for item in child.constraints}
    assert kinds["late"].validated is False
    assert kinds["child_y_check"].no_inherit
    kinds_of_all = sorted(item.kind for item in child.constraints)
    assert kinds_of_all == ["check", "check", "exclude", "foreign key"]


def test_only_some_columns_can_be_emptied(seeded: psycopg.Connection, server: Server) -> None:
    """SET NULL (…) names them, since PostgreSQL 15."""
    if server.major < 15:
        pytest.skip(f"PostgreSQL {server.major} does not know this")
    seeded.execute(
        "CREATE TABLE pair (b int, a int, PRIMARY KEY (b, a));"
        "CREATE TABLE child (x int, y int,"
        " FOREIGN KEY (x, y) REFERENCES pair (b, a) ON DELETE SET NULL (y))"
    )
    (key,) = table(schema_of(look(seeded)), "public.child").foreign_keys
    assert key.cleared == ("y",)


def test_indexes_tell_their_keys_in_order(connection: psycopg.Connection) -> None:
    """Expressions beside columns, what is not the default, and what is only carried."""
    connection.execute(
        "SET search_path = public; CREATE TABLE t (a text, b int, c text, UNIQUE (b));"
        'CREATE INDEX i ON t (lower(a), b DESC, c text_pattern_ops, (b + 1), a COLLATE "C")'
        " INCLUDE (b) WHERE b > 0"
    )
    found = {item.name: item for item in table(schema_of(look(connection)), "public.t").indexes}
    index = found["public.i"]
    assert index.keys == (
        IndexKey(expression="lower(a)"),
        IndexKey("b", descending=True, nulls_first=True),
        IndexKey("c", opclass="text_pattern_ops"),
        IndexKey(expression="((b + 1))"),
        IndexKey("a", collation="C"),
    )
    assert (index.include, index.predicate, index.constraint) == (("b",), "(b > 0)", None)
    behind = found["public.t_b_key"]
    assert (behind.unique, behind.constraint, behind.columns) == (True, "t_b_key", ("b",))


def test_partitions_and_children_name_their_parents(seeded: psycopg.Connection) -> None:
    """What they have from them is marked."""
    schema = schema_of(look(seeded))
    event, part = table(schema, "public.event"), table(schema, "public.event_1")
    assert event.partitioning is not None
    assert (event.partitioning.strategy, event.partitioning.columns) == ("range", ("id",))
    assert (part.partition_of, part.bound) == ("public.event", "FOR VALUES FROM (1) TO (10)")
    assert all(item.inherited for item in part.columns)
    assert [item.parent for item in part.indexes] == ["public.event_a_idx"]
    assert [item.inherited for item in part.triggers] == [True]
    derived = table(schema, "public.derived")
    assert (derived.inherits, derived.partition_of) == (("public.base",), None)
    assert [item.inherited for item in derived.constraints] == [True]


def test_everything_else_of_a_table_is_told(seeded: psycopg.Connection) -> None:
    """Triggers, policies, privileges, comments, identity and generated columns."""
    schema = schema_of(look(seeded))
    author, book = table(schema, "public.author"), table(schema, "public.book")
    (trigger,) = author.triggers
    assert (trigger.timing, trigger.events, trigger.function) == (
        "BEFORE",
        ("UPDATE",),
        "app.touch",
    )
    (policy,) = author.policies
    assert (policy.command, policy.roles, policy.using) == ("ALL", ("PUBLIC",), "(a = 1)")
    assert author.grants == (Grant("reader", ("SELECT",)),)
    assert author.comment == "who writes"
    columns = {item.name: item for item in book.columns}
    assert columns["id"].identity == "by default"
    assert (columns["d"].generated, columns["d"].default) == ("(id * 2)", None)
    assert columns["b"].collation == '"C"'
    assert {item.full_name: item.owned_by for item in schema.sequences} == {
        "public.author_id_seq": "public.author.id",
        "public.book_id_seq": "public.book.id",
        "public.counter": None,
    }
    assert {item.name for item in schema.views} == {"titles", "counts"}
    assert [item.values for item in schema.enums] == [("sad", "ok", "happy")]
    assert table(schema, "public.remote").kind == "foreign table"
    assert "app.touch()" in {item.signature for item in schema.functions}


def test_odd_names_stay_as_they_are(connection: psycopg.Connection) -> None:
    """Dots, quotes, capitals and letters of other scripts."""
    connection.execute(
        'SET search_path = public; CREATE SCHEMA "a.b"; CREATE ROLE "my ""role""";'
        'CREATE TABLE "a.b"."c.d" ("é""x" int PRIMARY KEY, "Ü y" int UNIQUE);'
        'CREATE TABLE "Users" (id int REFERENCES "a.b"."c.d");'
        'GRANT SELECT ON "Users" TO "my ""role"""'
    )
    schema = schema_of(look(connection))
    odd = table(schema, "a.b.c.d")
    assert (odd.schema, odd.name) == ("a.b", "c.d")
    assert [item.name for item in odd.columns] == ['é"x', "Ü y"]
    assert [item.columns for item in odd.constraints] == [('é"x',), ("Ü y",)]
    users = table(schema, "public.Users")
    assert users.foreign_keys[0].references == "a.b.c.d"
    assert users.grants == (Grant('my "role"', ("SELECT",)),)
    connection.execute('DROP OWNED BY "my ""role"""; DROP ROLE "my ""role"""')


def test_tables_that_are_alike_are_one_object(seeded: psycopg.Connection) -> None:
    """So that what changed is found without comparing thousands of columns."""
    before = look(seeded)
    seeded.execute("ALTER TABLE base ADD COLUMN more int; COMMENT ON COLUMN author.a IS 'x'")
    old, new = schemas(before, look(seeded))
    same = {item.full_name for item in new.tables if any(item is each for each in old.tables)}
    changed = {"public.base", "public.derived", "public.author"}
    assert {item.full_name for item in new.tables} - same == changed
    twice = schemas(before, before)
    assert twice[0] is twice[1]


def test_both_ways_come_to_the_same_schema(seeded: psycopg.Connection) -> None:
    """What is taken over from another snapshot is what would have been made anew."""
    before = look(seeded)
    seeded.execute(
        "ALTER TABLE author RENAME COLUMN a TO aa; ALTER INDEX author_a_idx RENAME TO other;"
        "ALTER TABLE event RENAME TO events; DROP TABLE app.note; CREATE TABLE app.note (id int)"
    )
    after = look(seeded)
    assert schemas(before, after)[1] == schema_of(after)


def test_a_snapshot_without_structure_says_so(connection: psycopg.Connection) -> None:
    """And is equal to one with it: structure is nothing to compare."""
    plain = snapshot(connection, IGNORE)
    with pytest.raises(ValueError, match="without its structure"):
        schema_of(plain)
    assert plain == look(connection)


CHECKS = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE FUNCTION writes(int) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN CREATE TABLE seen (); RETURN true; END';
CREATE FUNCTION sleeps(int) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(60); RETURN true; END';
CREATE TABLE t (a int DEFAULT 0, b numeric(3, 2), c text, d mood, e date, f date, g jsonb,
    h varchar(5), i inet, j int, k smallint,
    CONSTRAINT guards CHECK (a > 0), CONSTRAINT idle CHECK (b < 100),
    CONSTRAINT long CHECK (length(c) < 100000), CONSTRAINT listed CHECK (d <> 'sad'),
    CONSTRAINT ordered CHECK (e <= f), CONSTRAINT object CHECK (jsonb_typeof(g) = 'object'),
    CONSTRAINT code CHECK (h ~ '^[a-z]'), CONSTRAINT unknown CHECK (family(i) = 4),
    CONSTRAINT writing CHECK (writes(j)), CONSTRAINT sleeping CHECK (sleeps(j)),
    CONSTRAINT divides CHECK (10 / k > 0), CONSTRAINT always CHECK (true))
"""


def test_check_constraints_are_tried_by_the_server(server: Server) -> None:
    """What refuses nothing, what the default breaks; what raises, writes or sleeps is left out."""
    name = server.create(f"trials{next(_NUMBERS)}")
    with server.connect_as_owner(name) as owner:
        owner.execute(CHECKS.encode())
        owner.commit()
    with server.connect(name) as connection:
        schema = schema_of(look(connection))
        trials = {item.constraint: item for item in try_checks(server, name, Schema(), schema)}
        assert schema_of(look(connection)).table("public.seen") is None
    server.drop(name)
    assert {each for each, item in trials.items() if item.refused == 0} == {"idle"}
    assert {each for each, item in trials.items() if item.broken_default} == {"guards"}
    assert trials.keys() == {"guards", "idle", "long", "listed", "ordered", "object", "code"}
    assert try_checks(server, "gone", schema, schema) == ()
