"""The one comment: found, updated in place, never doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bot.github import GitHub, State
from bot.github.comment import put_comment
from bot.github.faults import GitHubError
from tests.github import scenes
from tests.github.double.faults import Fault
from tests.github.double.server import Double
from tests.github.double.state import ACTIONS, PERSON, Comment, World

MARK = "<!-- db-recheck comment -->\n"


def say(world: World, body: str, author: object = ACTIONS) -> Comment:
    """Add a comment to the pull request."""
    identity = next(world.ids)
    comment = Comment(identity, scenes.NUMBER, body, author)  # type: ignore[arg-type]  # an Account
    world.comments[identity] = comment
    return comment


def ours(world: World) -> list[str]:
    """The texts of our comments."""
    return [item.body for item in world.comments.values() if item.body.startswith(MARK)]


def test_it_is_found_on_the_third_page(github: GitHub, double: Double, world: World) -> None:
    """A long conversation does not make a second comment."""
    for number in range(120):
        say(world, f"chatter {number}", PERSON)
    mine = say(world, f"{MARK}old")
    for number in range(120):
        say(world, f"more chatter {number}", PERSON)
    part = put_comment(github, scenes.place(double), "new", create=True)
    assert part.state is State.DONE
    assert (mine.body, mine.edits) == (f"{MARK}new", 1)
    assert ours(world) == [f"{MARK}new"]


def test_somebody_elses_mark_is_not_ours(github: GitHub, double: Double, world: World) -> None:
    """A person who copies the mark keeps their comment, and so does another bot."""
    theirs = say(world, f"{MARK}fake", PERSON)
    quoted = say(world, f"> {MARK}quoted")
    put_comment(github, scenes.place(double), "new", create=True)
    assert (theirs.body, theirs.edits) == (f"{MARK}fake", 0)
    assert quoted.edits == 0
    assert ours(world) == [f"{MARK}fake", f"{MARK}new"]


def test_without_knowing_who_we_are_a_persons_comment_is_not_touched(
    github: GitHub, double: Double, world: World
) -> None:
    """Where GraphQL is out of order, only a bot's comment can be ours."""
    double.faults = [Fault("POST", "graphql", times=-1)]
    theirs, mine = say(world, f"{MARK}fake", PERSON), say(world, f"{MARK}old")
    put_comment(github, scenes.place(double), "new", create=True)
    assert (theirs.edits, mine.edits) == (0, 1)


def test_doubles_are_removed_and_the_oldest_stays(
    github: GitHub, double: Double, world: World
) -> None:
    """Links to the comment keep working."""
    first = say(world, f"{MARK}old")
    say(world, f"{MARK}old too")
    say(world, f"{MARK}new")
    put_comment(github, scenes.place(double), "new", create=True)
    assert list(world.comments.values()) == [first]
    assert first.body == f"{MARK}new"


def test_a_run_that_was_faster_by_a_moment_is_joined(
    github: GitHub, double: Double, world: World
) -> None:
    """Another run's comment appears between our look and our own: one of them stays."""

    def meanwhile(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/comments"):
            double.hooks.clear()
            say(world, f"{MARK}theirs")

    double.hooks = [meanwhile]
    part = put_comment(github, scenes.place(double), "mine", create=True)
    assert ours(world) == [f"{MARK}mine"]
    assert part.url
    assert part.url.endswith(str(next(iter(world.comments))))


def test_runs_at_the_same_time_leave_one_comment(
    connect: Callable[[], GitHub], double: Double, world: World
) -> None:
    """Whatever the order of their requests is, four runs end with one comment."""
    for _ in range(5):
        world.comments.clear()
        start = threading.Barrier(4)
        failed: list[GitHubError] = []

        def run(start: threading.Barrier = start, failed: list[GitHubError] = failed) -> None:
            client = connect()
            start.wait()
            try:
                put_comment(client, scenes.place(double), "same", create=True)
            except GitHubError as error:
                failed.append(error)

        runs = [threading.Thread(target=run) for _ in range(4)]
        for one in runs:
            one.start()
        for one in runs:
            one.join()
        assert failed == []
        assert ours(world) == [f"{MARK}same"]


def test_a_comment_that_is_deleted_under_our_hands_is_written_anew(
    github: GitHub, double: Double, world: World
) -> None:
    """A 404 on the update is no reason to say nothing."""
    mine = say(world, f"{MARK}old")

    def meanwhile(method: str, _: str) -> None:
        if method == "PATCH":
            world.comments.pop(mine.id, None)

    double.hooks = [meanwhile]
    put_comment(github, scenes.place(double), "new", create=True)
    assert ours(world) == [f"{MARK}new"]


def test_a_double_that_is_gone_already_is_no_failure(
    github: GitHub, double: Double, world: World
) -> None:
    """Two runs clean up the same double."""
    say(world, f"{MARK}new")
    double_one = say(world, f"{MARK}new")

    def meanwhile(method: str, _: str) -> None:
        if method == "DELETE":
            world.comments.pop(double_one.id, None)

    double.hooks = [meanwhile]
    part = put_comment(github, scenes.place(double), "new", create=True)
    assert part.state is State.UNCHANGED
    assert ours(world) == [f"{MARK}new"]


def test_what_a_person_wrote_into_it_is_put_right(
    github: GitHub, double: Double, world: World
) -> None:
    """An edited verdict does not stand."""
    mine = say(world, f"{MARK}all is well, trust me")
    put_comment(github, scenes.place(double), "it fails", create=True)
    assert mine.body == f"{MARK}it fails"
