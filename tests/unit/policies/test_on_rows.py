"""What only tables with rows show: loops that go round, loops that never end, hidden TRUNCATEs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.explain.python.loops import loops_around
from bot.explain.releases.releases import Broken
from bot.facts import (
    Anchors,
    Change,
    ChangedRevision,
    Difference,
    Direction,
    Effect,
    Facts,
    Failure,
    FailureKind,
    Project,
    RoundTrip,
    Seen,
    Source,
    State,
    Statement,
    Step,
)
from bot.facts.fit import Kind, Sent
from bot.facts.rows import Filled, Loss, RowsSeen, RowsTrip
from bot.policy import DEFAULTS, Confidence, Finding, policies

PATH = "migrations/versions/b.py"
ORDERS = Effect("public.orders", table="public.orders")
EXCLUSIVE = replace(ORDERS, locks=("AccessExclusiveLock",))
ADD = "ALTER TABLE orders ADD COLUMN a text"
BY_KEY = "UPDATE orders SET a = 'x' WHERE id = $1"
BATCH = "UPDATE orders SET a = b WHERE id IN (SELECT id FROM orders WHERE a IS NULL LIMIT 9)"
ONE_ROW = replace(ORDERS, locks=("RowExclusiveLock",), updated=1)
STOPPED = Failure(FailureKind.TIMEOUT, "the upgrade took longer than 10 s")
TRUNCATED = replace(EXCLUSIVE, rewritten=True, scanned=True)


def statement(sql: str, *effects: Effect, line: int = 10, transaction: int | None = 1) -> Statement:
    """A statement that was seen."""
    return Statement(
        Direction.UPGRADE, sql, PATH, line, 1.0, transaction, effects=effects, seen=Seen.TRANSACTION
    )


def facts(
    *empty: Statement, changed: tuple[Difference, ...] = (), rows: RowsTrip | None, text: str = ""
) -> Facts:
    """One revision, and what it did on 100 orders."""
    trip = RoundTrip(Step(State.OK, statements=empty, changed=changed), Step(State.OK))
    revision = ChangedRevision(
        "b", PATH, Change.ADDED, anchors=Anchors(1, 2, 5, 30), round_trip=trip
    )
    filled = (Filled("public.orders", 100),)
    seen = RowsSeen(100, filled=filled, trips=(rows,)) if rows else None
    project = Project("alembic.ini", "m", revisions=(revision,), rows=seen)
    return Facts("0", "1", projects=(project,), sources=(Source(PATH, text, None),))


def said(policy: str, seen: Facts) -> list[Finding]:
    """What one policy says."""
    (found,) = (item for item in policies() if item.id == policy)
    return list(found.look(seen, DEFAULTS))


def test_rows_changed_one_by_one_under_a_lock_are_work() -> None:
    """A loop over rows sends nothing while the table is empty."""
    add = statement(ADD, EXCLUSIVE, line=9)
    loop = [statement(BY_KEY, ONE_ROW) for _ in range(100)]
    up = Step(State.OK, statements=(add, *loop))
    (finding,) = said("work-under-exclusive-lock", facts(add, rows=RowsTrip("b", up)))
    assert (finding.line, finding.count, finding.confidence) == (10, 1, Confidence.OBSERVED)
    assert said("work-under-exclusive-lock", facts(add, rows=None)) == []
    apart = tuple(replace(item, transaction=2) for item in loop)
    up = Step(State.OK, statements=(add, *apart))
    assert said("work-under-exclusive-lock", facts(add, rows=RowsTrip("b", up))) == []


@pytest.mark.parametrize(("rounds", "count"), [(4_000, 1), (299, 0)])
def test_loop_that_was_stopped_on_rows_does_not_end(rounds: int, count: int) -> None:
    """It went round far more often than there are rows; and it is no loop over rows."""
    one = statement(BATCH, replace(ORDERS, locks=("RowExclusiveLock",)), transaction=None)
    up = Step(State.FAILED, STOPPED, statements=(one,) * rounds)
    seen = facts(one, rows=RowsTrip("b", up))
    found = said("batches-in-one-transaction", seen)
    assert [item.confidence for item in found] == [Confidence.OBSERVED] * count
    assert said("row-by-row-backfill", seen) == []
    if found:
        assert "with 100 rows it went round at least 4,000 times" in found[0].message


def test_condition_of_a_while_belongs_to_its_loop() -> None:
    """``while bind.execute(batch).rowcount: pass`` runs the statement in every round."""
    text = "def upgrade():\n    while bind.execute(\n        batch\n    ).rowcount:\n        pass\n"
    for line, count in ((1, 0), (2, 1), (3, 1), (5, 1)):
        found = loops_around(facts(rows=None, text=text), PATH, line)
        assert [loop.endless for loop in found] == [True] * count


@pytest.mark.parametrize(
    ("down", "losses", "known"),
    [
        (State.OK, (Loss("public.orders", 100, gone=100),), Confidence.OBSERVED),
        (State.OK, (), None),  # CLUSTER
        (State.MISSING, (), Confidence.LIKELY),
    ],
)
def test_what_a_do_truncates_is_empty(
    down: State, losses: tuple[Loss, ...], known: Confidence | None
) -> None:
    """New storage and nothing else changed: the rows tell; then it is no rewrite."""
    do = statement("DO $$ BEGIN TRUNCATE orders; END $$", TRUNCATED)
    trip = RowsTrip("b", Step(State.OK, statements=(do,)), Step(down), losses)
    seen = facts(do, rows=trip)
    assert [item.confidence for item in said("truncated-or-emptied", seen)] == (
        [known] if known else []
    )
    assert bool(said("table-rewrite", seen)) is (known is None)


def test_table_that_a_do_alters_is_rewritten() -> None:
    """Its definition changed: that is why it has new storage."""
    column = Difference("column", "public.orders.a", "integer", "bigint", "type", "public.orders")
    do = statement("DO $$ BEGIN EXECUTE 'ALTER …'; END $$", TRUNCATED)
    losses = (Loss("public.orders", 100, gone=100),)
    trip = RowsTrip("b", Step(State.OK, statements=(do,)), Step(State.OK), losses)
    seen = facts(do, changed=(column,), rows=trip)
    assert said("truncated-or-emptied", seen) == []
    assert len(said("table-rewrite", seen)) == 1


def test_validations_of_one_line_are_one_finding() -> None:
    """A loop adds and validates constraint after constraint."""
    scanned = replace(ORDERS, locks=("ShareUpdateExclusiveLock",), scanned=True)
    several = []
    for name in ("ck_a", "ck_b"):
        add = f"ALTER TABLE orders ADD CONSTRAINT {name} CHECK (a > 0) NOT VALID"
        several.append(statement(add, EXCLUSIVE, line=9))
        several.append(statement(f"ALTER TABLE orders VALIDATE CONSTRAINT {name}", scanned))
    (finding,) = said("validation-in-same-transaction", facts(*several, rows=None))
    assert (finding.line, finding.count) == (10, 2)
    assert "ck_a" in finding.remedies[0].text
    assert "ck_b" in finding.remedies[0].text


@pytest.mark.parametrize(
    ("old", "new", "retyped"),
    [("23", "20", ()), ("1043", "25", ()), ("114", "3802", ()), ("23", "25", ("a",))],
)
def test_types_that_read_as_one_kind_of_value_are_alike(
    old: str, new: str, retyped: tuple[str, ...]
) -> None:
    """An integer and a bigint are both ``int``; integer and text are not."""
    sent = Sent("public.orders", "Order", Kind.SELECT, columns=("a",), types=(old,))
    assert Broken(sent, replace(sent, types=(new,))).retyped == retyped
