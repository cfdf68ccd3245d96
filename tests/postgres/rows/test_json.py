"""JSON that was made up, in the server's own words."""

from __future__ import annotations

from dataclasses import replace

from bot.facts.rows import Trait
from bot.observe.rows.fill import Order, fill
from bot.observe.rows.json_looks import looks
from bot.observe.server import Server
from tests.postgres.rows.conftest import template

SCRIPT = """
CREATE DOMAIN tags AS jsonb CHECK (jsonb_typeof(VALUE) = 'array');
CREATE TABLE things (
    id int PRIMARY KEY,
    plain jsonb,
    listed jsonb NOT NULL DEFAULT '[]',
    object json NOT NULL DEFAULT '{}',
    checked jsonb NOT NULL
        CHECK (jsonb_typeof(checked) = 'array' AND jsonb_array_length(checked) > 2),
    counted jsonb CHECK (jsonb_typeof(counted) = 'number'),
    either jsonb CHECK (jsonb_typeof(either) IN ('array', 'object')),
    tagged tags NOT NULL,
    taken jsonb NOT NULL
);
"""
UPGRADE = (
    "SELECT (each->>'amount')::numeric, (each->>'day')::date"
    " FROM things CROSS JOIN LATERAL jsonb_array_elements(things.taken) AS each"
)


def test_json_is_of_the_kind_that_somebody_states(server: Server) -> None:
    """By constraint, domain, default and upgrade; the upgrade's own statement bears the rows."""
    found = template(server, SCRIPT)
    order = Order(
        found.schema,
        found.schema,
        ("public.things",),
        50,
        looks=looks(found.schema, [UPGRADE], None),
    )
    kinds = {
        "plain": {"object"},
        "listed": {"array"},
        "object": {"object"},
        "checked": {"array"},
        "counted": {"number"},
        "either": {"object"},
        "tagged": {"array"},
        "taken": {"array"},
    }
    odd = {**kinds, "plain": {"object", "array", "null"}}
    for traits, expected in ((frozenset[Trait](), kinds), (frozenset({Trait.EMPTY}), odd)):
        database = found.clone()
        with server.connect_as_owner(database) as connection:
            held = fill(connection, replace(order, traits=traits))
            assert [item.rows for item in held.filled] == [50]
            for name, wanted in expected.items():
                sql = f"SELECT DISTINCT json_typeof({name}::json) FROM things"
                kinds_there = {str(row[0]) for row in connection.execute(sql.encode()).fetchall()}
                assert kinds_there == wanted, name
            made = connection.execute(UPGRADE.encode()).fetchall()
            assert made
            assert all(amount is not None and day is not None for amount, day in made)
