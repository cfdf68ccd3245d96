"""What locking policies make of effects, and of statements that nobody saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Anchors,
    Change,
    ChangedRevision,
    Direction,
    Effect,
    Facts,
    Project,
    RoundTrip,
    Seen,
    Source,
    State,
    Statement,
    Step,
)
from bot.policy import DEFAULTS, Confidence, Finding, Options, policies

PATH = "migrations/versions/b.py"
LOCKING = [policy for policy in policies() if policy.group == "locking"]
ORDERS = Effect("public.orders", table="public.orders")
EXCLUSIVE = replace(ORDERS, locks=("AccessExclusiveLock",))
INDEX = Effect("public.ix", "index", "public.orders", existed=False, created=True)


def statement(sql: str, *effects: Effect, line: int = 10, **more: object) -> Statement:
    """A statement in the first transaction, seen unless it has no effects."""
    seen = Seen.TRANSACTION if effects else Seen.NOT
    fields = {"transaction": 1, "seen": seen, "lock_timeout_ms": 3000.0, **more}
    return Statement(Direction.UPGRADE, sql, PATH, line, 1.0, effects=effects, **fields)  # type: ignore[arg-type]  # of a test's choice


def facts(
    *statements: Statement, text: str | None = None, down: tuple[Statement, ...] = ()
) -> Facts:
    """One revision that ran these."""
    trip = RoundTrip(Step(State.OK, statements=statements), Step(State.OK, statements=down))
    revision = ChangedRevision(
        "b", PATH, Change.ADDED, anchors=Anchors(1, 2, 5, 30), round_trip=trip
    )
    sources = (Source(PATH, text, None),) if text is not None else ()
    return Facts(
        "0", "1", projects=(Project("alembic.ini", "m", revisions=(revision,)),), sources=sources
    )


def found(seen: Facts, options: Options = DEFAULTS) -> dict[str, list[Finding]]:
    """What the locking policies say, by policy."""
    said = {policy.id: list(policy.look(seen, options)) for policy in LOCKING}
    return {name: findings for name, findings in said.items() if findings}


CAUSES = {
    "table-rewrite", "constraint-index-built-in-place", "index-built-while-writes-blocked",
    "reindex-while-blocked", "full-scan-under-exclusive-lock", "full-scan-while-writes-blocked",
}  # fmt: skip


@pytest.mark.parametrize(
    ("effects", "cause"),
    [
        ((replace(EXCLUSIVE, rewritten=True, scanned=True), INDEX), "table-rewrite"),
        (
            (replace(EXCLUSIVE, scanned=True), replace(INDEX, constraint=True)),
            "constraint-index-built-in-place",
        ),
        (
            (replace(ORDERS, locks=("ShareLock",), scanned=True), INDEX),
            "index-built-while-writes-blocked",
        ),
        ((replace(EXCLUSIVE, scanned=True),), "full-scan-under-exclusive-lock"),
        (
            (replace(ORDERS, locks=("ShareRowExclusiveLock",), scanned=True),),
            "full-scan-while-writes-blocked",
        ),
    ],
)
def test_one_statement_has_one_cause(effects: tuple[Effect, ...], cause: str) -> None:
    """The first in the fixed order; what else it did are consequences."""
    said = found(facts(statement("DO $$ $$", *effects)))
    assert said.keys() & CAUSES == {cause}
    assert [item.confidence for item in said[cause]] == [Confidence.OBSERVED]


@pytest.mark.parametrize(
    "effects",
    [
        (replace(ORDERS, locks=("ShareUpdateExclusiveLock",), scanned=True), INDEX),
        (replace(ORDERS, locks=("RowExclusiveLock",), scanned=True),),
        (replace(EXCLUSIVE, scanned=True, rewritten=True, existed=False), INDEX),
        (EXCLUSIVE,),
    ],
)
def test_what_makes_nobody_wait_has_no_cause(effects: tuple[Effect, ...]) -> None:
    """A weak lock, a table of the change's own, a strong lock that reads nothing."""
    assert not found(facts(statement("DO $$ $$", *effects))).keys() & CAUSES


def test_a_loop_is_one_finding() -> None:
    """With all its tables and their number."""
    several = [
        statement(
            f"CREATE INDEX ix ON t{number} (a)",
            Effect(f"public.t{number}", table=f"public.t{number}", locks=("ShareLock",)),
            replace(INDEX, relation=f"public.ix{number}", table=f"public.t{number}"),
        )
        for number in range(3)
    ]
    (finding,) = found(facts(*several))["index-built-while-writes-blocked"]
    assert (finding.count, finding.tables) == (3, ("public.t0", "public.t1", "public.t2"))


@pytest.mark.parametrize(
    ("tables", "title"),
    [
        (1, "`public.t0` is written anew while nobody can use it"),
        (2, "`public.t0` and `public.t1` are written anew while nobody can use them"),
    ],
)
def test_a_verb_goes_with_the_number_of_tables(tables: int, title: str) -> None:
    """One is written, two are."""
    several = [
        statement(
            f"ALTER TABLE t{number} ALTER a TYPE bigint",
            Effect(
                f"public.t{number}",
                table=f"public.t{number}",
                locks=("AccessExclusiveLock",),
                rewritten=True,
            ),
        )
        for number in range(tables)
    ]
    (finding,) = found(facts(*several))["table-rewrite"]
    assert finding.title == title


@pytest.mark.parametrize(
    ("sql", "policy", "confidence"),
    [
        ("CREATE INDEX ix ON orders (a)", "index-built-while-writes-blocked", Confidence.CERTAIN),
        ("REINDEX TABLE orders", "reindex-while-blocked", Confidence.CERTAIN),
        (
            "ALTER TABLE orders ADD UNIQUE (a)",
            "constraint-index-built-in-place",
            Confidence.CERTAIN,
        ),
        (
            "ALTER TABLE orders ADD CHECK (a > 0)",
            "full-scan-under-exclusive-lock",
            Confidence.CERTAIN,
        ),
        (
            "ALTER TABLE orders ALTER a SET NOT NULL",
            "full-scan-under-exclusive-lock",
            Confidence.LIKELY,
        ),
        ("ALTER TABLE orders ALTER a TYPE bigint", "table-rewrite", Confidence.LIKELY),
        (
            "ALTER TABLE orders ADD a uuid DEFAULT gen_random_uuid()",
            "table-rewrite",
            Confidence.CERTAIN,
        ),
        ("ALTER TABLE orders SET UNLOGGED", "table-rewrite", Confidence.CERTAIN),
        (
            "ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES customers (id)",
            "full-scan-while-writes-blocked",
            Confidence.CERTAIN,
        ),
    ],
)
def test_what_nobody_saw_is_read_from_the_statement(
    sql: str, policy: str, confidence: Confidence
) -> None:
    """It is not passed over in silence, and never called observed."""
    said = found(facts(statement(sql, sqlstate="55P03")))
    assert [item.confidence for item in said[policy]] == [confidence]
    assert "not seen" in said[policy][0].message


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX CONCURRENTLY ix ON orders (a)",
        "ALTER TABLE orders ADD a int DEFAULT 1",
        "ALTER TABLE orders ADD a timestamptz DEFAULT now()",
        "ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        "ALTER TABLE orders VALIDATE CONSTRAINT c",
        "ALTER TABLE orders ADD CONSTRAINT c UNIQUE USING INDEX i",
        "TRUNCATE orders",
    ],
)
def test_what_the_documentation_calls_quick_is_quick(sql: str) -> None:
    """Also where nobody saw it."""
    assert not found(facts(statement(sql))).keys() & CAUSES


def test_a_table_of_the_change_is_exempt_though_nobody_saw_it() -> None:
    """CREATE TABLE in an earlier statement says so."""
    made = statement("CREATE TABLE orders (a int)")
    assert not found(facts(made, statement("CREATE INDEX ix ON orders (a)"))).keys() & CAUSES


def test_a_scan_under_an_earlier_lock_is_work() -> None:
    """An UPDATE does not take the lock that it runs under."""
    first = statement("ALTER TABLE orders ADD a int", EXCLUSIVE)
    update = replace(
        ORDERS, locks=("RowExclusiveLock",), held=("AccessExclusiveLock",), scanned=True
    )
    said = found(facts(first, statement("UPDATE orders SET a = 1", update, line=12)))
    assert not said.keys() & CAUSES
    assert {
        "work-under-exclusive-lock",
        "backfill-with-schema-change",
        "unbatched-backfill",
    } <= set(said)


def test_work_under_two_locks_names_both_lines_and_no_table_that_is_gone() -> None:
    """A dropped table shuts nobody out."""
    notes = replace(EXCLUSIVE, relation="public.notes", table="public.notes")
    gone = replace(EXCLUSIVE, relation="public.old", table="public.old", dropped=True)
    carts = Effect("public.carts", table="public.carts", scanned=True, deleted=3)
    first = statement("ALTER TABLE orders ADD a int", EXCLUSIVE, line=10)
    drop = statement("DROP TABLE old", gone, line=11)
    work = statement("DELETE FROM carts", carts, line=13)
    said = found(facts(first, drop, statement("ALTER TABLE notes ADD a int", notes, line=12), work))
    (finding,) = said["work-under-exclusive-lock"]
    assert finding.title.startswith("`public.orders` and `public.notes` stay shut")
    assert "Lines 10, 12 shut `public.orders` and `public.notes`, and" in finding.message
    assert "work-under-exclusive-lock" not in found(facts(drop, work))


def test_reading_what_was_written_before_is_no_backfill() -> None:
    """The lock is the UPDATE's; a function that a SELECT calls takes its own, or changes rows."""
    lock = "RowExclusiveLock"
    held = replace(ORDERS, held=(lock,), scanned=True)
    taken = replace(ORDERS, locks=(lock,), scanned=True)
    written = replace(held, updated=9)
    told = [
        "unbatched-backfill" in found(facts(statement("SELECT f(id) FROM orders", effect)))
        for effect in (held, taken, written)
    ]
    assert told == [False, True, True]


def test_downgrades_are_judged_where_the_setting_asks() -> None:
    """By default their locks are not."""
    down = replace(
        statement("REINDEX TABLE orders", replace(ORDERS, locks=("ShareLock",), scanned=True)),
        direction=Direction.DOWNGRADE,
    )
    seen = facts(down=(down,))
    assert "reindex-while-blocked" not in found(seen)
    asked = found(seen, Options(check_downgrade_locks=True))
    assert [item.line for item in asked["reindex-while-blocked"]] == [10]
