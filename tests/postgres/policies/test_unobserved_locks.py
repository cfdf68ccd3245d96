"""Without what the database showed, no finding about locks calls itself observed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import Facts, RoundTrip, Seen, Step
from bot.judge import judge
from bot.policy import Confidence, policies
from bot.verdict import Judging
from fixtures.build import Case, cases
from tests.postgres.conftest import Reviewed

STEMS = {item.id.replace("-", "_") for item in policies() if item.group == "locking"}
BAD = [case for case in cases() if case.policy in STEMS and case.name.startswith("bad")]


def blind(facts: Facts) -> Facts:
    """The same run as if nobody had watched the database: neither effects nor errors nor rows."""
    return replace(
        facts,
        projects=tuple(
            replace(
                project,
                rows=None,
                revisions=tuple(
                    replace(item, round_trip=_blind(item.round_trip)) for item in project.revisions
                ),
            )
            for project in facts.projects
        ),
    )


def _blind(trip: RoundTrip) -> RoundTrip:
    return replace(trip, upgrade=_unseen(trip.upgrade), downgrade=_unseen(trip.downgrade))


def _unseen(step: Step) -> Step:
    return replace(
        step,
        statements=tuple(
            replace(item, effects=(), seen=Seen.NOT, sqlstate=None) for item in step.statements
        ),
    )


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.id)
def test_nothing_is_observed_without_observation(case: Case, reviewed: Reviewed) -> None:
    """Each finding is gone, or certain or likely: what was parsed is never called observed."""
    verdict = judge(blind(reviewed(case).facts), Judging())
    said = [item for item in verdict.findings if item.group == "locking"]
    assert [item.policy for item in said if item.confidence is Confidence.OBSERVED] == []
