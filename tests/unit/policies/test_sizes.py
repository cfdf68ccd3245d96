"""Estimates, and what findings about locks weigh at production's sizes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.explain.statements.durations import counted, span, spans, spoken
from bot.explain.statements.estimates import Estimate, estimated
from bot.facts import (
    Chain,
    Change,
    ChangedRevision,
    Direction,
    Effect,
    Facts,
    Project,
    RoundTrip,
    Seen,
    Size,
)
from bot.facts.sizes import Measured, Point, Work
from bot.judge import judge
from bot.policy import Options, policies
from bot.report.json_report import render_json
from bot.verdict import Judging, Verdict
from tests.unit.policies.cases import path, statement, step

USERS = "public.users"
SHARE = Effect(USERS, locks=("ShareLock",), scanned=True)
INDEX = Effect("public.ix", "index", USERS, existed=False, created=True)
BUILT = statement("CREATE INDEX ix ON users (name)", effects=(SHARE, INDEX), seen=Seen.TRANSACTION)


def facts(rows: int | None, measured: tuple[Measured, ...] = (), **more: object) -> Facts:
    """A change that builds an index on a table of so many rows in production."""
    trip = RoundTrip(upgrade=step(statements=(BUILT,)))
    revision = ChangedRevision("b", path("b"), Change.ADDED, ("a",), round_trip=trip)
    project = Project(
        "alembic.ini", "migrations", head=Chain(), revisions=(revision,), measured=measured
    )
    sizes = () if rows is None else (Size(USERS, rows, rows * 100, 40.0),)
    made = Facts("b" * 40, "h" * 40, projects=(project,), sizes=sizes)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of Facts


def judged(given: Facts, **options: object) -> Verdict:
    """What the policies about locks say."""
    locking = [policy for policy in policies() if policy.group == "locking"]
    known = Options(**options)  # type: ignore[arg-type]  # the fields of Options
    return judge(given, Judging(options=known), locking)


def measured(rows: int = 10_000_000, **more: object) -> Measured:
    """1 µs a row, on rows as wide as production's."""
    points = (Point(20_000, 2_000_000, 22.0), Point(100_000, 10_000_000, 102.0))
    size = Size(USERS, rows, rows * 100, 40.0)
    made = Measured("b", 0, USERS, Work.SCAN, size, 2.0, points)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of Measured


@pytest.mark.parametrize(
    ("rows", "limit", "severity"),
    [
        (None, 10_000, "block"),
        (9_999, 10_000, "note"),
        (10_000, 10_000, "block"),
        (10_000, 10_001, "note"),
        (0, 0, "block"),
    ],
)
def test_locks_on_small_tables_are_notes(rows: int | None, limit: int, severity: str) -> None:
    """Under the limit, and only where the size is known; the message says why."""
    (found,) = (
        item
        for item in judged(facts(rows), small_table_rows=limit).findings
        if item.policy == "index-built-while-writes-blocked"
    )
    assert found.severity.value == severity
    assert ("`small-table-rows`" in found.message) == (severity == "note")


def test_users_own_weight_makes_no_more_of_a_small_table() -> None:
    """A case that weighs less by itself stays lighter."""
    policy = next(item for item in policies() if item.id == "index-built-while-writes-blocked")
    stated = Judging(severities={policy.id: policy.severity})
    (found,) = judge(facts(5), stated, [policy]).findings
    assert found.severity.value == "note"


def test_what_fails_on_empty_tables_is_not_excused_by_size() -> None:
    """CONCURRENTLY inside a transaction fails whatever the table holds."""
    excused = {policy.id for policy in policies() if policy.by_size}
    assert "concurrently-inside-transaction" not in excused
    assert "table-rewrite" in excused
    assert "failing-upgrade" not in excused


def test_time_grows_with_the_rows() -> None:
    """Rows of production's width: a microsecond each, and a factor of two to either side."""
    found = estimated(measured())
    assert found.seconds == pytest.approx(10.0, rel=0.01)
    assert found.low == pytest.approx(5, rel=0.01)
    assert found.high == pytest.approx(20, rel=0.01)


def test_index_is_sorted() -> None:
    """Its time grows faster than its rows."""
    scan, index = (estimated(measured(work=work)).seconds for work in (Work.SCAN, Work.INDEX))
    assert 1.2 < index / scan < 1.8


def test_cost_of_bytes_is_told_from_that_of_rows() -> None:
    """0.5 µs a row and 10 ns a byte, measured at two widths, and carried to a third."""
    points = (
        Point(20_000, 2_000_000, 20_000 * 0.0005 + 2_000_000 * 0.00001),
        Point(100_000, 30_000_000, 100_000 * 0.0005 + 30_000_000 * 0.00001),
    )
    size = Size(USERS, 1_000_000, 600_000_000)
    found = estimated(measured(points=points, size=size, empty_ms=0.0))
    assert found.seconds == pytest.approx(0.5 + 6.0, rel=0.001)
    assert found.low < found.seconds < found.high


def test_wider_rows_than_were_made_widen_the_range() -> None:
    """Where rows and bytes tell differently, both ends are said."""
    found = estimated(measured(size=Size(USERS, 1_000_000, 1_000_000 * 900)))
    assert found.low <= 1.0 + 0.01
    assert found.high >= 9.0


@pytest.mark.parametrize(("limit", "blocks"), [(5.0, True), (60.0, False)])
def test_long_migration_is_reported_above_the_limit(limit: float, *, blocks: bool) -> None:
    """Statement, table, lock, seconds with their range, and how many writes wait."""
    given = facts(10_000_000, (measured(),))
    found = [
        item
        for item in judged(given, max_blocking_seconds=limit).findings
        if item.policy == "long-migration"
    ]
    assert bool(found) == blocks
    if blocks:
        words = found[0].message
        assert "about 10 s (5\u201320 s) on your 10 million rows" in words
        assert "nobody can write to `public.users`" in words
        assert "some 400 writes" in words
        assert "CREATE INDEX ix ON users (name)" in words


def back(known: Measured) -> Facts:
    """The same statement in the downgrade of a revision whose upgrade does nothing long."""
    given = facts(10_000_000, (known,))
    (project,) = given.projects
    (revision,) = project.revisions
    down = replace(BUILT, direction=Direction.DOWNGRADE, line=20)
    trip = RoundTrip(downgrade=step(statements=(down,)))
    project = replace(project, revisions=(replace(revision, round_trip=trip),))
    return replace(given, projects=(project,))


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("asked", [True, False])
def test_downgrade_is_too_long_where_its_locks_are_judged(
    direction: Direction, *, asked: bool
) -> None:
    """At its own line, by what was measured of it and nothing else."""
    given = back(measured(direction=direction))
    verdict = judged(given, check_downgrade_locks=asked)
    found = [item for item in verdict.findings if item.policy == "long-migration"]
    assert bool(found) == (asked and direction is Direction.DOWNGRADE)
    for item in found:
        assert item.line == 20
        assert item.message.startswith("The downgrade of `b` takes about 10 s")
    report = json.loads(render_json(verdict))
    (sent,) = report["projects"][0]["revisions"][0]["statements"]
    assert bool(sent["estimates"]) == (direction is Direction.DOWNGRADE)


def test_what_keeps_nobody_out_is_not_too_long() -> None:
    """The same statement under a weaker lock."""
    weak = replace(BUILT, effects=(replace(SHARE, locks=("ShareUpdateExclusiveLock",)), INDEX))
    given = facts(10_000_000, (measured(),))
    (project,) = given.projects
    (revision,) = project.revisions
    trip = RoundTrip(upgrade=step(statements=(weak,)))
    project = replace(project, revisions=(replace(revision, round_trip=trip),))
    found = judged(replace(given, projects=(project,))).findings
    assert "long-migration" not in {item.policy for item in found}


def test_other_findings_say_the_time_too() -> None:
    """One phrase."""
    found = judged(facts(10_000_000, (measured(),))).findings
    words = {item.policy: item.message for item in found}
    assert "about 10 s (5\u201320 s)" in words["index-built-while-writes-blocked"]


def test_json_report_has_the_estimates() -> None:
    """Beside the statement."""
    report = json.loads(render_json(judged(facts(10_000_000, (measured(),)))))
    (sent,) = report["projects"][0]["revisions"][0]["statements"]
    (found,) = sent["estimates"]
    assert (found["table"], found["rows"]) == (USERS, 10_000_000)
    assert found["low"] < found["seconds"] < found["high"]


@pytest.mark.parametrize(
    "forged",
    [
        measured(points=()),
        measured(points=(Point(0, 0, 1.0), Point(0, 0, 1.0))),
        measured(points=(Point(1, 1, float("nan")), Point(2, 2, float("inf")))),
        measured(size=Size(USERS, -5, 0)),
        measured(statement=7),
        measured(empty_ms=float("inf")),
    ],
)
def test_forged_measurements_are_no_estimates(forged: Measured) -> None:
    """Facts may come from anybody."""
    verdict = judged(facts(10_000_000, (forged,)))
    assert "long-migration" not in {item.policy for item in verdict.findings}
    assert not [item for item in verdict.not_checked if "raised" in item.why]


def test_times_and_numbers_are_said_as_one_says_them() -> None:
    """Two digits, in the unit that suits."""
    said = [span(value) for value in (0.004, 0.34, 4, 43.6, 130, 8000, 400_000)]
    assert said == ["0.004 s", "0.3 s", "4 s", "44 s", "2.2 min", "2.2 h", "4.6 days"]
    assert spans(20, 80) == "20\u201380 s"
    assert spans(90, 360) == "90 s\u20136 min"
    assert [counted(value) for value in (800, 12_345, 12_345_678, 4 * 10**9)] == [
        "800",
        "12,345",
        "12 million",
        "4 billion",
    ]
    words = spoken(Estimate(USERS, 12_000_000, 40, 20, 80))
    assert words == "about 40 s (20\u201380 s) on your 12 million rows"
