"""The sentence that a verdict begins with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Change,
    ChangedRevision,
    Difference,
    Facts,
    NotChecked,
    Project,
    RoundTrip,
    State,
    Step,
)
from bot.judge import judge
from bot.verdict import Judging
from tests.unit.judge.test_judge import FACTS, finding, policy

OK, NO = Step(State.OK), Step(State.FAILED)
GOOD = RoundTrip(OK, OK, OK)
MOOD = Difference("type", "public.mood", None, "enum")
TRIPS = {
    "goes up, down and up again": GOOD,
    "does not go up": RoundTrip(NO),
    "was not run": RoundTrip(),
    "does not come back down": RoundTrip(OK, NO),
    "has no way back down": RoundTrip(OK, Step(State.MISSING)),
    "was not run down": RoundTrip(OK),
    "leaves `type public.mood` behind": RoundTrip(OK, OK, NO, residue=(MOOD,)),
    "does not go up a second time": RoundTrip(OK, OK, NO),
    "was not run up again": RoundTrip(OK, OK),
    "ends in another schema the second time": RoundTrip(OK, OK, OK, unequal=(MOOD,)),
}


def facts(*trips: RoundTrip) -> Facts:
    """A change that adds revisions r0, r1, … with those round trips."""
    revisions = tuple(
        ChangedRevision(f"r{number}", f"r{number}.py", Change.ADDED, round_trip=trip)
        for number, trip in enumerate(trips)
    )
    return replace(FACTS, projects=(Project("alembic.ini", "migrations", revisions=revisions),))


def summary(of: Facts, *said: str) -> str:
    """The sentence, when a policy reports these titles for no revision."""
    found = [finding(title=title, subject=title) for title in said]
    return judge(of, Judging(), [policy(*found)]).summary


@pytest.mark.parametrize(("words", "trip"), TRIPS.items())
def test_one_revision_is_told_of_by_name(words: str, trip: RoundTrip) -> None:
    """What became of it, in the reader's words."""
    assert summary(facts(trip)) == f"`r0` {words}"


def test_many_good_revisions_are_counted() -> None:
    """Nobody wants to read their names."""
    assert summary(facts(GOOD, GOOD)) == "Both revisions go up, down and up again"
    assert summary(facts(*[GOOD] * 7)) == "All 7 revisions go up, down and up again"


def test_the_bad_ones_are_named_and_grouped() -> None:
    """Those with one fault share one verb."""
    bad, none = RoundTrip(OK, NO), RoundTrip(OK, Step(State.MISSING))
    assert summary(facts(GOOD, bad, GOOD)) == (
        "2 of 3 revisions go up, down and up again; `r1` does not come back down"
    )
    assert summary(facts(GOOD, bad, none, bad)) == (
        "1 of 4 revisions go up, down and up again; "
        "`r1` and `r3` do not come back down and `r2` has no way back down"
    )


def test_other_findings_are_told_after_the_round_trips() -> None:
    """The reason for failing is in the sentence."""
    assert summary(facts(GOOD), "The chain has two heads", "Another") == (
        "`r0` goes up, down and up again, but the chain has two heads (and 1 more)"
    )
    assert summary(FACTS, "`b` names a parent that is not there") == (
        "`b` names a parent that is not there"
    )


def test_skip_and_error_say_why() -> None:
    """Nothing to check, or not everything checked, and the reason."""
    skipped = replace(FACTS, nothing="no migration or model changed.")
    assert summary(skipped) == "Nothing to check: no migration or model changed"
    missed = NotChecked("the upgrade of `r0`", "it ran past 600 s", "raise `timeout`", fatal=True)
    assert summary(replace(facts(RoundTrip()), not_checked=(missed, missed))) == (
        "Not checked: the upgrade of `r0` and 1 more, because it ran past 600 s; `r0` was not run"
    )


def test_a_clean_change_without_revisions_says_so() -> None:
    """A changed model alone is a change too."""
    assert summary(FACTS) == "No revision is added or edited, and nothing was found"
