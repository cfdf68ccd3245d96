"""Facts of many jobs become one verdict, in which the worst server counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.action.parts import judged, missing
from bot.facts import Facts, NotChecked, Postgres
from bot.facts.serial import BadFacts
from bot.verdict import Judging, Outcome, Verdict
from tests.unit.report import cases

CLEAN = cases.CLEAN
FAIL = replace(cases.FAIL, head=CLEAN.head)
PLAN = Facts(base=CLEAN.base, head=CLEAN.head, merge=CLEAN.merge)
BLIND = NotChecked("the project x", "its server did not start", "look at the log", fatal=True)


def on(facts: Facts, version: str) -> Facts:
    """The same, seen on that server."""
    return replace(facts, postgres=Postgres(version, "service"))


def judge(*parts: Facts) -> Verdict:
    """The verdict on the parts."""
    return judged(parts, Judging())


def last_lines(verdict: Verdict, policy: str) -> list[str]:
    """The last line of each message of that policy."""
    found = (item.message for item in verdict.findings if item.policy == policy)
    return [message.splitlines()[-1] for message in found]


def test_what_every_server_shows_is_found_once() -> None:
    """The same fingerprint on all of them, and no word about versions."""
    alone = judge(on(FAIL, "17.5"))
    both = judge(PLAN, on(FAIL, "15.9"), on(FAIL, "17.5"))
    assert alone.findings
    assert both.findings == alone.findings
    assert (both.verdict, both.summary) == (alone.verdict, alone.summary)


def test_a_project_seen_twice_on_one_version_is_told_once() -> None:
    """Two jobs that differ in something else, or an image that is not what its tag says."""
    alone = judge(on(FAIL, "15.9"))
    twice = judge(on(FAIL, "15.9"), on(FAIL, "15.8"))
    assert twice.findings == alone.findings


@pytest.mark.parametrize("order", [("15.9", "17.5"), ("17.5", "15.9")])
def test_what_one_server_shows_counts_and_names_it(order: tuple[str, str]) -> None:
    """In whatever order the jobs came to an end."""
    seen = {"15.9": on(CLEAN, "15.9"), "17.5": on(FAIL, "17.5")}
    verdict = judge(*(seen[version] for version in order))
    assert verdict.verdict is Outcome.FAIL
    assert last_lines(verdict, "downgrade-residue") == ["Seen on PostgreSQL 17 only."]
    assert verdict.facts.postgres == Postgres("17.5", "service")


def test_a_server_that_saw_nothing_is_an_error_beside_one_that_did() -> None:
    """What was not seen on one of them was not seen."""
    blind = replace(PLAN, not_checked=(BLIND,))
    assert judge(on(CLEAN, "15.9"), blind).verdict is Outcome.ERROR
    assert judge(blind, on(FAIL, "15.9")).verdict is Outcome.FAIL
    blind_there = on(blind, "17.5")
    verdict = judge(on(CLEAN, "15.9"), blind_there)
    assert verdict.verdict is Outcome.ERROR
    assert verdict.not_checked == (BLIND,)


def test_a_plan_alone_is_skipped() -> None:
    """Nothing to run, and so nothing that ran."""
    verdict = judge(replace(PLAN, nothing="Nothing to check: no file changed."))
    assert verdict.verdict is Outcome.SKIP


def test_parts_of_different_changes_are_refused() -> None:
    """On different servers too."""
    other = replace(on(FAIL, "17.5"), head="f" * 40)
    with pytest.raises(BadFacts, match="facts of different changes"):
        judge(on(CLEAN, "15.9"), other)


MATRIX = (
    '{"include": [{"project": "backend/alembic.ini", "postgres": "15"},'
    ' {"project": "backend/alembic.ini", "postgres": "17"}]}'
)


def test_a_job_that_left_no_facts_is_missed_and_one_that_says_why_is_not() -> None:
    """Told once: by the job itself, or else here."""
    assert missing("", ()) == ()
    assert missing(MATRIX, (PLAN, on(CLEAN, "15.9"), on(CLEAN, "17.5"))) == ()
    (entry,) = missing(MATRIX, (PLAN, on(CLEAN, "15.9")))
    assert entry.fatal
    assert entry.what == "the project of backend/alembic.ini on PostgreSQL 17"
    blind = replace(PLAN, not_checked=(BLIND,))
    assert missing(MATRIX, (PLAN, on(CLEAN, "15.9"), blind)) == ()
    assert len(missing(MATRIX, (PLAN, blind))) == 2
