"""Rows made up for every kind of table, and for tables that nobody thought of."""

from __future__ import annotations

from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.facts.rows import Trait
from bot.observe.rows.contents import contents
from bot.observe.rows.fill import Held, Order, fill
from bot.observe.rows.oddities import ODD
from bot.observe.server import Server
from tests.postgres.rows.conftest import Template, template

IMPOSSIBLE = {
    "public.unparted": "it is partitioned and has no partition",
    "public.impossible": 'new row for relation "impossible" violates check constraint',
}
FEW = {"public.flags": 6}  # two truth values, three moods
NUMBERS = count()


def order(found: Template, **more: object) -> Order:
    """Everything, a hundred rows each."""
    names = tuple(table.full_name for table in found.schema.tables)
    return Order(found.schema, found.schema, names, **{"rows": 100, **more})  # type: ignore[arg-type]  # of a test's choice


def filled(found: Template, database: str, wanted: Order) -> Held:
    """The clone with rows, put in as the target's own role."""
    with found.server.connect_as_owner(database) as connection:
        return fill(connection, wanted)


def test_every_kind_of_table_is_filled(kinds: Template) -> None:
    """All types, keys, references, circles, constraints, partitions, triggers and row security."""
    held = filled(kinds, kinds.clone(), order(kinds))
    reasons = {item.table: item.reason for item in held.unfilled}
    if "public.documents" in reasons:  # a server may be built without XML
        assert "xml" in reasons.pop("public.documents")
    assert reasons.keys() == IMPOSSIBLE.keys()
    assert all(reasons[name].startswith(IMPOSSIBLE[name]) for name in reasons)
    wanted = {item.table: FEW.get(item.table, 100) for item in held.filled}
    assert {item.table: min(item.rows, 100) for item in held.filled} == wanted
    notes = {item.table: item.note for item in held.filled if item.note}
    assert notes == {"public.guarded": "its triggers were off"}
    roots = [table for table in kinds.schema.tables if table.partition_of is None]
    assert len(held.filled) + len(held.unfilled) == len(roots)


def test_filling_leaves_the_schema_as_it_was(kinds: Template) -> None:
    """Triggers are on again, row security is forced again, foreign keys are as they were."""
    database = kinds.clone()
    before = kinds.look(database)
    filled(kinds, database, order(kinds))
    assert kinds.look(database).raw == before.raw


def test_sequences_go_on_behind_the_rows(kinds: Template) -> None:
    """Whoever inserts next does not meet a key that was made up."""
    database = kinds.clone()
    filled(kinds, database, order(kinds))
    with kinds.server.connect_as_owner(database) as connection:
        connection.execute("INSERT INTO categories (name) VALUES ('next')")
        connection.execute("INSERT INTO lookup (code) VALUES ('next')")
        connection.execute("INSERT INTO numbered (half) VALUES (-1)")


def test_the_same_seed_makes_the_same_rows(kinds: Template) -> None:
    """A finding that a review shows is the same in the next one."""
    tables = [table for table in kinds.schema.tables if table.name not in ("audited", "numbered")]
    found = []
    for _ in range(2):
        database = kinds.clone()
        filled(kinds, database, order(kinds))
        with kinds.server.connect(database) as connection:
            found.append(contents(connection, tables))
    assert found[0] == found[1]


def test_odd_rows_hold_what_is_asked_for(kinds: Template) -> None:
    """NULLs, duplicates, empty and long texts, extremes, old dates, either case, other scripts."""
    database = kinds.clone()
    held = filled(kinds, database, order(kinds, rows=40, traits=ODD))
    assert {item.table for item in held.unfilled} - {"public.documents"} == IMPOSSIBLE.keys()
    with kinds.server.connect(database) as connection:

        def one(query: str) -> object:
            row = connection.execute(query.encode()).fetchone()
            return row and row[0]

        assert one("SELECT count(*) FROM public.profiles WHERE bio IS NULL")
        assert one("SELECT count(*) FROM public.profiles WHERE bio = ''")
        assert one("SELECT max(length(bio)) FROM public.profiles") == 4000
        assert one("SELECT count(*) FROM public.profiles WHERE bio ~ '[^[:ascii:]]'")
        assert one("SELECT count(*) - count(DISTINCT person) FROM public.shifts")
        assert one("SELECT min(half) < 0 FROM public.numbered")
        assert one("SELECT min(at) < '1000-01-01' FROM public.events") is False  # no partition
        assert one("SELECT count(*) FROM public.categories WHERE parent IS NULL")


def test_new_rules_are_obeyed_by_ordinary_rows_alone(server: Server) -> None:
    """What head demands is no reason to fail, but what base allows is tried in odd rows."""
    base = template(
        server,
        "CREATE TYPE mood AS ENUM ('sad', 'ok');"
        "CREATE TABLE parents (id integer PRIMARY KEY);"
        "CREATE TABLE t (id integer PRIMARY KEY, a text, b text NOT NULL, c integer, d text,"
        " e numeric(10,2) NOT NULL)",
    )
    head = template(
        server,
        "CREATE TYPE mood AS ENUM ('sad', 'ok');"
        "CREATE TABLE parents (id integer PRIMARY KEY);"
        "CREATE TABLE t (id integer PRIMARY KEY, a varchar(5) NOT NULL UNIQUE, b mood NOT NULL,"
        " c integer NOT NULL REFERENCES parents, d integer CHECK (d > 10),"
        " e numeric(3,0) NOT NULL)",
    )
    ordinary = Order(base.schema, head.schema, ("public.parents", "public.t"), 50)
    database = base.clone()
    held = filled(base, database, ordinary)
    assert {item.table: item.rows for item in held.filled}["public.t"] == 50
    with server.connect(database) as connection:
        row = connection.execute(
            b"SELECT bool_and(length(a) <= 5), count(DISTINCT a), bool_and(b IN ('sad', 'ok')),"
            b" bool_and(c IN (SELECT id FROM public.parents)),"
            b" bool_and(d::integer > 10), bool_and(e < 1000) FROM public.t"
        ).fetchone()
    assert row == (True, 50, True, True, True, True)


def test_references_that_head_adds_have_their_parents(server: Server) -> None:
    """A table that head lets refer to a later one gets its rows after that one."""
    script = (
        "CREATE TABLE zones (id uuid PRIMARY KEY);"
        "CREATE TABLE areas (id integer PRIMARY KEY, zone uuid{key});"
    )
    base = template(server, script.format(key=""))
    head = template(server, script.format(key=" REFERENCES zones"))
    database = base.clone()
    filled(base, database, Order(base.schema, head.schema, ("public.areas", "public.zones"), 50))
    with server.connect(database) as connection:
        query = b"SELECT count(*) FROM public.areas JOIN public.zones ON zones.id = zone"
        assert connection.execute(query).fetchone() == (50,)


def test_odd_rows_are_as_old_as_a_constraint_that_is_not_valid(server: Server) -> None:
    """What NOT VALID let stand is there where head validates it, and the schema stays."""
    script = (
        "CREATE TABLE parents (id integer PRIMARY KEY);"
        "CREATE TABLE t (id integer PRIMARY KEY, parent integer, code text);"
        "ALTER TABLE t ADD CONSTRAINT known FOREIGN KEY (parent) REFERENCES parents{state};"
        "ALTER TABLE t ADD CONSTRAINT coded CHECK (code IS NOT NULL){state};"
    )
    base = template(server, script.format(state=" NOT VALID"))
    head = template(server, script.format(state=""))
    broken = (
        b"SELECT count(*) FILTER (WHERE code IS NULL),"
        b" count(*) FILTER (WHERE parent NOT IN (SELECT id FROM public.parents)) FROM public.t"
    )
    for after, traits in ((head, ODD), (head, frozenset[Trait]()), (base, ODD)):
        database = base.clone()
        before = base.look(database)
        tables = ("public.parents", "public.t")
        held = filled(base, database, Order(base.schema, after.schema, tables, 40, traits))
        assert not held.unfilled
        assert base.look(database).raw == before.raw
        with server.connect(database) as connection:
            row = connection.execute(broken).fetchone()
        assert row is not None
        assert all(row) if (after is head and traits) else row == (0, 0)


def test_odd_rows_hold_listed_values_that_head_leaves_out(server: Server) -> None:
    """Of an enum and of a constraint; ordinary rows hold none of them."""
    script = (
        "CREATE TYPE mood AS ENUM ('sad', 'ok'{more});"
        "CREATE TABLE t (id integer PRIMARY KEY, mood mood NOT NULL,"
        " size text NOT NULL CHECK (size IN ('s', 'm'{more})))"
    )
    base, head = (template(server, script.format(more=more)) for more in (", 'xl'", ""))
    for traits in (ODD, frozenset[Trait]()):
        database = base.clone()
        filled(base, database, Order(base.schema, head.schema, ("public.t",), 40, traits))
        with server.connect(database) as connection:
            row = connection.execute(
                b"SELECT count(*) FILTER (WHERE mood = 'xl') > 0,"
                b" count(*) FILTER (WHERE size = 'xl') > 0, count(*) FROM public.t"
            ).fetchone()
        assert row == (bool(traits), bool(traits), 40)


def test_rows_that_base_wrote_stay(kinds: Template) -> None:
    """Tables that base's revisions filled get more rows, or none where the user's are enough."""
    for keep, rows in ((False, 102), (True, 2)):
        held = filled(kinds, kinds.clone(), order(kinds, keep=keep))
        assert {item.table: item.rows for item in held.filled}["public.lookup"] == rows


def test_a_column_is_spared_a_trait(kinds: Template) -> None:
    """Once it is known what a column does not bear, the search goes on without it."""
    spared = frozenset({("public.profiles", "bio", Trait.NULLS)})
    database = kinds.clone()
    filled(kinds, database, order(kinds, rows=40, traits=ODD, spared=spared))
    with kinds.server.connect(database) as connection:
        query = b"SELECT count(*) FROM public.profiles WHERE bio IS NULL"
        assert connection.execute(query).fetchone() == (0,)


def test_a_stranger_s_functions_get_no_more_than_his_rights(server: Server) -> None:
    """Triggers, defaults and constraints of a change run as the scratch role, never above it."""
    found = template(
        server,
        "CREATE TABLE spied (id serial PRIMARY KEY, who text, super boolean);"
        "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " NEW.who := session_user; NEW.super := (SELECT rolsuper FROM pg_roles"
        " WHERE rolname = session_user); RETURN NEW; END $$;"
        "CREATE TRIGGER spy BEFORE INSERT ON spied FOR EACH ROW EXECUTE FUNCTION spy()",
    )
    database = found.clone()
    filled(found, database, order(found))
    with server.connect(database) as connection:
        rows = connection.execute(b"SELECT DISTINCT who, super FROM public.spied").fetchall()
    assert rows == [(server.address(database).user, False)]


COLUMNS = (
    "{n} integer CHECK ({n} BETWEEN 3 AND 900)",
    "{n} integer NOT NULL CHECK ({n} % 3 = 0)",
    "{n} text NOT NULL CHECK ({n} IN ('a', 'b'))",
    "{n} text NOT NULL CHECK ({n} ~ '^[A-Z]{{2}}-[0-9]+$')",
    "{n} text CHECK (length({n}) > 20)",
    "{n} varchar(4) NOT NULL UNIQUE",
    "{n} numeric(4,1) NOT NULL CHECK ({n} > 0 AND {n} < 5)",
    "{n} date NOT NULL CHECK ({n} > '2030-01-01')",
    "{n} timestamptz CHECK ({n} < now())",
    "{n} boolean NOT NULL DEFAULT true CHECK ({n})",
    "{n} jsonb NOT NULL CHECK ({n} ? 'n')",
    "{n} integer[] NOT NULL CHECK (cardinality({n}) = 2)",
    "{n} text NOT NULL CHECK ({n} = upper({n}))",
    "{n} uuid NOT NULL UNIQUE",
    "{n} tstzrange NOT NULL CHECK (NOT isempty({n}))",
)


@given(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=7))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_table_of_such_columns_is_filled(server: Server, chosen: list[str]) -> None:
    """Each constraint has a solution, so all of them have one together."""
    name = f"made{next(NUMBERS)}"
    listed = ", ".join(text.format(n=f"c{place}") for place, text in enumerate(chosen))
    found = template(server, f"CREATE TABLE {name} ({listed})")
    try:
        held = filled(found, found.name, order(found, rows=20))
    finally:
        server.drop(found.name)
    assert [item.rows for item in held.filled] == [20], held.unfilled


def test_no_rows_without_the_right_to_write(server: Server) -> None:
    """A table that belongs to somebody else is named, and does not keep others from theirs."""
    found = template(server, "CREATE TABLE theirs (id integer); CREATE TABLE ours (id integer)")
    with server.connect(found.name) as connection:
        connection.execute(f"ALTER TABLE public.theirs OWNER TO {connection.info.user}".encode())
    held = filled(found, found.clone(), order(found))
    assert [item.table for item in held.filled] == ["public.ours"]
    (unfilled,) = held.unfilled
    assert (unfilled.table, "may not write" in unfilled.reason) == ("public.theirs", True)


def test_a_lost_connection_is_told(kinds: Template) -> None:
    """The bot's own trouble is an error for the caller, not an empty table."""
    database = kinds.clone()
    with kinds.server.connect_as_owner(database) as connection:
        kinds.server.disconnect(database)
        with pytest.raises(psycopg.Error):
            fill(connection, order(kinds))
