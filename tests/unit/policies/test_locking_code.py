"""What only the code tells of locks: loops over rows, names, and what a message leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.explain.losses.upgraded import upgraded
from bot.explain.releases.old_code import culprit
from bot.explain.releases.releases import Broken
from bot.facts import (
    Direction,
)
from bot.facts.fit import Kind, Sent
from bot.policy import Options
from tests.unit.policies.test_locking import (
    EXCLUSIVE,
    INDEX,
    ORDERS,
    facts,
    found,
    statement,
)


def test_a_concurrent_build_is_not_mixed_with_the_other_direction() -> None:
    """What the upgrade did stays whatever becomes of the downgrade's index."""
    dropped = statement("DROP INDEX ix", ORDERS)
    built = replace(
        statement("CREATE INDEX CONCURRENTLY ix ON orders (note)", ORDERS, line=20),
        direction=Direction.DOWNGRADE,
        transaction=None,
    )
    asked = Options(check_downgrade_locks=True)
    also = replace(statement("DROP TABLE notes", line=21), direction=Direction.DOWNGRADE)
    assert "concurrent-index-not-alone" not in found(facts(dropped, down=(built,)), asked)
    told = found(facts(dropped, down=(built, also)), asked)["concurrent-index-not-alone"]
    assert ["(line 21)" in item.message for item in told] == [True]


@pytest.mark.parametrize(
    ("loop", "policy"),
    [
        ("for row in bind.execute(sa.text('SELECT id FROM t')):", "row-by-row-backfill"),
        ("for number in range(3):", None),
        ("for name in ('a', 'b'):", None),
    ],
)
def test_a_loop_over_rows_is_read_from_the_code(loop: str, policy: str | None) -> None:
    """On empty tables its body does not run at all."""
    text = (
        "def upgrade():\n    bind = op.get_bind()\n"
        f"    {loop}\n        bind.execute(sa.text('UPDATE t SET a = 1 WHERE id = :id'))\n"
    )
    said = found(facts(text=text))
    assert (policy in said) if policy else "row-by-row-backfill" not in said


@pytest.mark.parametrize("name", ['"', "a.b", "", "ü", "x" * 300, "`", "\ud800"])
def test_odd_names_break_nothing(name: str) -> None:
    """A stranger's relation may be called anything."""
    odd = replace(EXCLUSIVE, relation=name, table=name, scanned=True, rewritten=True)
    index = replace(INDEX, relation=name, table=name)
    seen = facts(statement(f"ALTER TABLE {name} x", odd, index), statement(name, line=0), text=name)
    found(seen, Options(check_downgrade_locks=True))


def test_what_a_message_says_beside_the_table_tells_the_statement() -> None:
    """Each statement names its own table; the one that names the constraint too did it."""
    message = 'update or delete on table "orders" violates foreign key constraint "fk_lines"'
    after = Sent(
        "public.orders", "Order", Kind.DELETE, failed=True, sqlstate="23001", message=message
    )
    seen = facts(
        statement(
            "ALTER TABLE a ADD CONSTRAINT fk_lines FOREIGN KEY (b) REFERENCES orders", ORDERS
        ),
        statement("CREATE INDEX ix ON orders (note)", ORDERS, line=20),
    )
    at = culprit(list(upgraded(seen)), "public.orders", Broken(after, after))
    assert at is not None
    assert at.line == 10
