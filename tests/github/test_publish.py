"""What appears on a pull request, told by the real client to a double that checks every word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.github import GitHub, Published, State
from bot.github.publish import When, publish
from bot.policy import Severity
from tests.conftest import Golden
from tests.github import scenes
from tests.github.double.server import Double
from tests.github.double.state import Rights, Status, World
from tests.github.told import told
from tests.unit.report.cases import verdict as case


def states(published: Published) -> dict[str, State]:
    """How each part ended."""
    return {part.name: part.state for part in published.parts}


SEVERAL = scenes.failing(
    scenes.finding(patch=scenes.FIX),
    scenes.finding("11aa11bb22cc33dd", path=scenes.MODEL, line=4, end_line=9, title="Lines"),
    scenes.finding("33aa11bb22cc33dd", path=scenes.BIG, line=9, title="No patch"),
    scenes.finding("44aa11bb22cc33dd", path=scenes.ELSEWHERE, line=1, title="Not in the diff"),
    scenes.finding(
        "22aa11bb22cc33dd", path=scenes.MODEL, line=20, title="Hidden", severity=Severity.WARN
    ),
)


def test_a_failing_change_is_told_in_every_place_that_fits(
    github: GitHub, double: Double, world: World, golden: Golden
) -> None:
    """Comment, review, file comments, status and check run say the same, each in its own words."""
    published = publish(github, scenes.place(double), SEVERAL, attach_status=True)

    assert set(states(published).values()) == {State.DONE}
    review = published.part("review")
    assert review
    assert review.detail == "4 added, 1 did not fit the diff"
    assert published.annotated
    assert published.comment_url == (
        f"{double.server_url}/acme/shop/pull/7#issuecomment-{next(iter(world.comments))}"
    )
    golden("failing.md", told(world, double.server_url))


def test_a_second_run_on_an_unchanged_pull_request_writes_nothing(
    connect: Callable[[], GitHub], double: Double, world: World
) -> None:
    """Another run of the same commit, in another time and on another page, changes nothing."""
    publish(connect(), scenes.place(double), SEVERAL, attach_status=True)
    world.requests.clear()
    slower = replace(SEVERAL, facts=replace(SEVERAL.facts, timings_ms={"total": 9876.5}))
    place = replace(scenes.place(double), run_url=f"{double.server_url}/acme/shop/actions/runs/77")
    published = publish(connect(), place, slower, attach_status=True)

    assert world.writes == []
    assert set(states(published).values()) == {State.UNCHANGED}


def test_a_clean_change_gets_a_short_comment(
    github: GitHub, double: Double, world: World, golden: Golden
) -> None:
    """Three lines are enough to say that all is well."""
    publish(github, scenes.place(double), scenes.passing())
    golden("passing.md", told(world, double.server_url))


@pytest.mark.parametrize("reported", [False, True])
def test_nothing_to_check_begins_no_comment_and_updates_the_one_there_is(
    connect: Callable[[], GitHub], double: Double, world: World, *, reported: bool
) -> None:
    """A pull request without migrations hears nothing, unless it had some before."""
    if reported:
        publish(connect(), scenes.place(double), scenes.failing(scenes.finding()))
    publish(connect(), scenes.place(double), scenes.skipping())
    bodies = [comment.body for comment in world.comments.values()]
    assert ["nothing to check" in body for body in bodies] == [True] * reported
    assert len(world.check_runs) == 2 * reported


@pytest.mark.parametrize(
    ("comment", "on_failing", "on_passing", "on_error"),
    [("always", 1, 1, 1), ("on-findings", 1, 0, 1), ("never", 0, 0, 0)],
)
def test_the_comment_setting_is_kept(
    connect: Callable[[], GitHub],
    double: Double,
    world: World,
    comment: When,
    on_failing: int,
    on_passing: int,
    on_error: int,
) -> None:
    """``always``, ``on-findings`` and ``never`` mean what they say."""
    failing = scenes.failing(scenes.finding())
    cases = [(failing, on_failing), (scenes.passing(), on_passing), (scenes.in_error(), on_error)]
    for verdict, number in cases:
        world.comments.clear()
        publish(connect(), scenes.place(double), verdict, comment=comment, review=False)
        assert len(world.comments) == number


def test_on_findings_clears_the_comment_once_they_are_gone(
    connect: Callable[[], GitHub], double: Double, world: World
) -> None:
    """A red comment does not outlive what it told."""
    for verdict in (scenes.failing(scenes.finding()), scenes.passing()):
        publish(connect(), scenes.place(double), verdict, comment="on-findings")
    (comment,) = world.comments.values()
    assert "db-recheck: passed" in comment.body


def test_a_token_that_may_only_read_fails_nothing(
    github: GitHub, double: Double, world: World
) -> None:
    """A fork's run reports that it may not write, and the annotations fall to the log."""
    world.tokens = dict.fromkeys(world.tokens, Rights.read_only())
    published = publish(github, scenes.place(double), SEVERAL, attach_status=True)
    assert set(states(published).values()) == {State.NOT_PERMITTED}
    assert not published.annotated
    assert (world.comments, world.reviews, world.statuses, world.check_runs) == ({}, {}, [], {})


def test_a_pull_request_that_was_closed_meanwhile_hears_nothing(
    github: GitHub, double: Double, world: World
) -> None:
    """Its commit still gets the check run."""
    world.pulls[scenes.NUMBER].state = "closed"
    published = publish(github, scenes.place(double), SEVERAL)
    assert states(published)["comment"] is State.SKIPPED
    assert (world.comments, world.reviews) == ({}, {})
    assert len(world.check_runs) == 1


def test_a_head_that_moved_meanwhile_is_left_to_its_own_run(
    github: GitHub, double: Double, world: World
) -> None:
    """An old result does not cover a newer one; status and check run stay on their commit."""
    world.pulls[scenes.NUMBER].head_sha = "9f" * 20
    published = publish(github, scenes.place(double), SEVERAL, attach_status=True)
    comment = published.part("comment")
    assert comment
    assert comment.detail == "#7 moved to 9f9f9f9f9: the run of that commit reports"
    assert (world.comments, world.reviews) == ({}, {})
    assert [status.sha for status in world.statuses] == [scenes.HEAD]


def test_a_locked_conversation_is_reported_and_fails_nothing(
    github: GitHub, double: Double, world: World
) -> None:
    """GitHub's own words say why there is no comment."""
    world.pulls[scenes.NUMBER].locked = True
    published = publish(github, scenes.place(double), SEVERAL)
    comment = published.part("comment")
    assert comment
    assert "because issue is locked" in comment.detail
    assert published.annotated


def test_without_a_pull_request_the_commit_alone_is_told(
    github: GitHub, double: Double, world: World
) -> None:
    """A merge queue has no pull request."""
    published = publish(github, scenes.place(double, number=None), SEVERAL)
    assert states(published) == {
        "status": State.SKIPPED,
        "comment": State.SKIPPED,
        "review": State.SKIPPED,
        "check run": State.DONE,
    }
    assert world.comments == {}


def test_facts_that_can_be_forged_are_called_so(
    github: GitHub, double: Double, world: World, golden: Golden
) -> None:
    """Comment and review say on what they rest, and nothing is offered to be committed."""
    verdict = scenes.failing(scenes.finding(patch=scenes.FIX))
    publish(github, scenes.place(double), verdict, forgeable=True, check_run=False)
    golden("forgeable.md", told(world, double.server_url))
    assert "```suggestion" not in told(world, double.server_url)


def test_a_verdict_of_any_size_fits(github: GitHub, double: Double, world: World) -> None:
    """Three hundred findings are cut to what GitHub takes, and the comment says what is missing."""
    facts = replace(case("many").facts, head=scenes.HEAD)
    published = publish(github, scenes.place(double), replace(case("many"), facts=facts))
    assert State.FAILED not in states(published).values()
    (comment,) = world.comments.values()
    assert "not shown in full here" in comment.body
    assert "/actions/runs/42) have all of it" in comment.body
    assert len(comment.body.encode()) < 65_536


def test_hostile_names_reach_github_as_they_are_meant(
    github: GitHub, double: Double, world: World
) -> None:
    """Whatever a stranger calls his tables, every part is published."""
    facts = replace(case("hostile").facts, head=scenes.HEAD)
    published = publish(github, scenes.place(double), replace(case("hostile"), facts=facts))
    assert State.FAILED not in states(published).values()
    assert len(world.comments) == 1


def test_a_commit_that_has_a_status_gets_the_new_one(
    github: GitHub, double: Double, world: World
) -> None:
    """Set by a comment's run, it would stay red for ever were it not updated by the others."""
    world.statuses += [
        Status(number, scenes.HEAD, "success", "other", f"ci/{number}", None)
        for number in range(150)
    ]
    world.statuses.insert(0, Status(999, scenes.HEAD, "pending", "running", "db-recheck", None))
    publish(github, scenes.place(double), scenes.passing())
    assert world.statuses[-1].context == "db-recheck"
    assert world.statuses[-1].state == "success"
    assert world.statuses[-1].target_url == scenes.place(double).run_url


def test_a_commit_without_a_status_gets_none_unasked(
    github: GitHub, double: Double, world: World
) -> None:
    """The job itself is the check: a second one of that name would be required as well."""
    publish(github, scenes.place(double), scenes.passing())
    assert world.statuses == []
