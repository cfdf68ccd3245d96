"""One failure loses nothing else: whatever GitHub does to one part, the others are published."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from bot.github import GitHub, State
from bot.github.publish import publish, react, rerun, status
from tests.github import scenes
from tests.github.double.faults import Fault, secondary_limit
from tests.github.double.server import Double
from tests.github.double.state import PERSON, Comment, Rights, Run, World

PARTS = {
    "status": "/statuses",
    "comment": "/issues/7/comments",
    "review": "/pulls/7/reviews",
    "check run": "/check-runs",
}
TROUBLES = {
    "forbidden": Fault("POST", status=403, message="Resource not accessible", times=-1),
    "refused": Fault("POST", status=422, message="Validation Failed", times=-1),
    "down": Fault("POST", status=502, times=-1),
    "dropped": Fault("POST", way="drop", times=-1),
    "limited": secondary_limit(9999, method="POST", times=-1),
    "not to be read": Fault("GET", status=500, times=-1),
}


@pytest.mark.parametrize(("part", "trouble"), [*itertools.product(PARTS, TROUBLES)])
def test_one_failure_loses_nothing_else(
    github: GitHub, double: Double, world: World, part: str, trouble: str
) -> None:
    """Each part fails alone, with a sentence."""
    fault = TROUBLES[trouble]
    paths = {("review", "not to be read"): "/pulls/7/(comments|files)"}
    double.faults = [
        Fault(
            fault.method,
            paths.get((part, trouble), PARTS[part]),
            fault.way,
            fault.status,
            fault.message,
            dict(fault.headers),
            fault.times,
        )
    ]
    verdict = scenes.failing(scenes.finding(), scenes.finding("f" * 16, path="gone.py"))
    published = publish(github, scenes.place(double), verdict, attach_status=True)

    failed = {told.name for told in published.parts if not told.well}
    if (part, trouble) == ("review", "not to be read"):
        assert failed == set()  # git's own diff stands in for GitHub's
        return
    if part == "review" and trouble == "refused":
        assert failed == set()  # each comment by itself instead
        assert len(world.line_comments) == 1
        return
    assert failed == {part}
    (told,) = (told for told in published.parts if told.name == part)
    assert told.detail.startswith(("GitHub", "the connection"))
    assert [
        len(world.statuses),
        len(world.comments),
        len(world.reviews),
        len(world.check_runs),
    ] == [int(name != part) for name in PARTS]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("way", ["answer", "cut", "drop"])
def test_an_answer_that_was_lost_doubles_nothing(
    github: GitHub, double: Double, world: World, part: str, way: str
) -> None:
    """GitHub did it and could not say so: looking again finds it done."""
    double.faults = [Fault("POST", PARTS[part], way, done=True)]  # type: ignore[arg-type]  # one of its ways
    verdict = scenes.failing(scenes.finding())
    published = publish(github, scenes.place(double), verdict, attach_status=True)
    assert all(told.well for told in published.parts)
    found = (world.statuses, world.comments, world.line_comments, world.check_runs)
    assert [len(kind) for kind in found] == [1, 1, 1, 1]


def test_annotations_go_in_batches_of_fifty(github: GitHub, double: Double, world: World) -> None:
    """A hundred and twenty findings make three requests and one check run."""
    many = [scenes.finding(f"{number:016x}") for number in range(120)]
    place = scenes.place(double, number=None)
    published = publish(github, place, scenes.failing(*many))
    (check,) = world.check_runs.values()
    assert len(check.annotations) == 120
    assert check.conclusion == "failure"
    assert published.annotated
    assert [request.method for request in world.writes] == ["POST", "PATCH", "PATCH"]


def test_a_batch_that_broke_off_is_taken_up_where_it_was(
    github: GitHub, double: Double, world: World
) -> None:
    """Annotations cannot be taken back, so that none may be sent twice."""
    double.faults = [Fault("PATCH", "/check-runs/", skip=1, done=True)]
    many = [scenes.finding(f"{number:016x}") for number in range(220)]
    publish(github, scenes.place(double, number=None), scenes.failing(*many))
    (check,) = world.check_runs.values()
    assert len(check.annotations) == 220


def test_another_verdict_is_another_check_run(
    connect: Callable[[], GitHub], double: Double, world: World
) -> None:
    """What is shown is the newest."""
    place = scenes.place(double, number=None)
    publish(connect(), place, scenes.failing(scenes.finding()))
    publish(connect(), place, scenes.passing())
    assert [check.conclusion for check in world.check_runs.values()] == ["failure", "success"]


def test_a_token_without_checks_leaves_the_annotations_to_the_log(
    github: GitHub, double: Double, world: World
) -> None:
    """``checks: write`` is asked for nowhere as a must."""
    world.tokens = dict.fromkeys(world.tokens, Rights(checks="none"))
    published = publish(github, scenes.place(double), scenes.failing(scenes.finding()))
    assert not published.annotated
    assert published.comment_url


def test_a_status_is_pending_first_and_then_what_came_of_it(
    github: GitHub, double: Double, world: World
) -> None:
    """A description that is too long is cut, and an equal status is not set again."""
    place = scenes.place(double)
    start = status(github, place.repository, place.head_sha, "pending", "checking", place.run_url)
    assert (start.state, start.url) == (State.DONE, place.run_url)
    for expected in (State.DONE, State.UNCHANGED):
        told = status(github, place.repository, place.head_sha, "error", "x " * 200, place.run_url)
        assert told.state is expected
    assert [item.state for item in world.statuses] == ["pending", "error"]
    assert len(world.statuses[-1].description or "") == 140


def test_a_reaction_counts_once(github: GitHub, world: World) -> None:
    """👀 twice is 👀; on a comment that is gone it is a sentence."""
    world.comments[5] = Comment(5, scenes.NUMBER, "/db-recheck", PERSON)
    for _ in range(2):
        assert react(github, world.repository, 5, "eyes").state is State.DONE
    assert world.comments[5].reactions == [("github-actions[bot]", "eyes")]
    assert react(github, world.repository, 6, "rocket").state is State.FAILED


def test_a_run_is_started_again_only_when_it_has_ended(github: GitHub, world: World) -> None:
    """PyGithub would not tell the difference; GitHub's own words reach the reader."""
    world.runs[42] = Run(42, scenes.HEAD)
    assert rerun(github, world.repository, 42).state is State.DONE
    again = rerun(github, world.repository, 42)
    assert not again.well
    assert "already running" in again.detail
    assert world.runs[42].attempts == 2
