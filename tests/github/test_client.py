"""Patience with a bad day of GitHub's, and a token that nobody ever sees."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator

import pytest

from bot.github import GitHub, GitHubError, State, Trouble
from bot.github.publish import publish
from tests.github import scenes
from tests.github.conftest import TOKEN
from tests.github.double.faults import SECONDARY, Fault, secondary_limit
from tests.github.double.server import Double
from tests.github.double.state import World

Connect = Callable[..., GitHub]


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger says all that it can."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def ask(github: GitHub) -> str:
    """A read that the double counts."""
    return github.read(lambda api: api.get_repo("acme/shop").get_pull(scenes.NUMBER).title)


def tell(github: GitHub) -> None:
    """A write that the double counts."""
    github.write(
        lambda api: api.get_repo("acme/shop").get_issue(scenes.NUMBER).create_comment("hello")
    )


def trouble(call: Callable[[], object]) -> GitHubError:
    """The error of a call."""
    with pytest.raises(GitHubError) as caught:
        call()
    return caught.value


def test_a_limit_is_waited_for_as_long_as_github_asks(
    github: GitHub, double: Double, world: World, slept: list[float]
) -> None:
    """``Retry-After`` is obeyed, for a write too: it was not done."""
    double.faults = [secondary_limit(30, method="POST")]
    tell(github)
    assert slept == [30]
    assert len(world.comments) == 1


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_that_does_not_say_how_long_is_waited_for_a_minute_and_longer(
    github: GitHub, double: Double, slept: list[float], status: int
) -> None:
    """GitHub's advice: at least one minute, then exponentially more, and not for ever."""
    double.faults = [Fault(status=status, message=SECONDARY, times=-1)]
    assert trouble(lambda: ask(github)).trouble is Trouble.LIMITED
    assert slept == [60]


def test_a_primary_limit_beyond_all_patience_ends_at_once(
    github: GitHub, double: Double, slept: list[float]
) -> None:
    """An hour until the reset is not waited for."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}
    double.faults = [Fault(status=403, message="API rate limit exceeded", headers=headers)]
    error = trouble(lambda: ask(github))
    assert error.trouble is Trouble.LIMITED
    assert "asks to wait" in str(error)
    assert slept == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_is_asked_again_when_github_is_down(
    github: GitHub, double: Double, slept: list[float], status: int
) -> None:
    """Three bad answers, then a good one."""
    double.faults = [Fault(status=status, times=3)]
    assert ask(github) == "Add a mood"
    assert slept == [1, 2, 4]


@pytest.mark.parametrize("way", ["drop", "cut"])
def test_a_broken_answer_is_asked_for_again(github: GitHub, double: Double, way: str) -> None:
    """A connection that breaks before or within the answer is no answer."""
    double.faults = [Fault(way=way)]  # type: ignore[arg-type]  # one of its ways
    assert ask(github) == "Add a mood"


def test_an_answer_that_does_not_come_is_not_waited_for(
    connect: Connect, world: World, double: Double
) -> None:
    """Each answer has its time."""
    assert world.pulls
    double.faults = [Fault(way="hang")]
    assert ask(connect(timeout=1)) == "Add a mood"


def test_a_write_is_not_told_twice_when_nobody_knows_whether_it_was_done(
    github: GitHub, double: Double, world: World
) -> None:
    """Only who looks what is there may write again."""
    double.faults = [Fault("POST", done=True)]
    assert trouble(lambda: tell(github)).trouble is Trouble.UNAVAILABLE
    assert len(world.comments) == 1


def test_patience_is_shared_by_all_calls(
    connect: Connect, world: World, double: Double, slept: list[float]
) -> None:
    """Two waits of half of it use it up."""
    assert world.pulls
    github = connect(patience=100)
    double.faults = [secondary_limit(50), secondary_limit(50, skip=1), secondary_limit(50, skip=2)]
    ask(github)
    ask(github)
    assert trouble(lambda: ask(github)).trouble is Trouble.LIMITED
    assert slept == [50, 50]


def test_many_writes_are_spaced(github: GitHub, world: World, slept: list[float]) -> None:
    """After the first ten, one a second (GitHub docs: "Best practices")."""
    for _ in range(13):
        tell(github)
    assert len(world.comments) == 13
    assert slept == [1, 1, 1]


WAYS = {
    "refused": Fault(status=422, message=f"no {TOKEN} please", times=-1),
    "forbidden": Fault(status=403, message=f"Resource not accessible by {TOKEN}", times=-1),
    "unknown": Fault(status=404, message="Not Found", times=-1),
    "limited": secondary_limit(999, times=-1),
    "down": Fault(status=503, message=TOKEN, times=-1),
    "dropped": Fault(way="drop", times=-1),
    "cut": Fault(way="cut", times=-1),
    "moved": Fault(status=301, headers={"Location": f"http://elsewhere.example/{TOKEN}"}, times=-1),
    "teapot": Fault(status=600, message=TOKEN, times=-1),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_token_is_never_seen(
    connect: Connect,
    double: Double,
    world: World,
    everything_logged: pytest.LogCaptureFixture,
    way: str,
) -> None:
    """Not in a log, a message, a traceback, an error's cause, a result or a representation."""
    assert world.pulls
    double.faults = [WAYS[way]]
    github = connect()
    for call in (ask, tell):
        error = trouble(lambda call=call: call(github))  # type: ignore[misc]  # mypy: lambda with a default
        assert TOKEN not in "".join(traceback.format_exception(error))
        assert (error.__cause__, error.__context__) == (None, None)
        assert TOKEN not in repr(error)
    published = publish(github, scenes.place(double), scenes.failing(scenes.finding()))
    assert TOKEN not in repr(published)
    assert not any(part.state is State.DONE for part in published.parts)
    assert TOKEN not in repr(github)
    assert TOKEN not in everything_logged.text
    assert everything_logged.text


def test_the_token_is_not_seen_when_all_is_well(
    github: GitHub, double: Double, everything_logged: pytest.LogCaptureFixture
) -> None:
    """The libraries below log requests, and not what is in them."""
    publish(github, scenes.place(double), scenes.failing(scenes.finding()), attach_status=True)
    assert "/reviews" in everything_logged.text
    assert TOKEN not in everything_logged.text


def test_the_connection_does_not_leave_its_process(github: GitHub) -> None:
    """Pickling it would write the token somewhere."""
    with pytest.raises(TypeError, match="holds the token"):
        pickle.dumps(github)


def test_without_a_token_it_is_said_what_to_do(connect: Connect, world: World) -> None:
    """An empty input is a workflow's mistake, and its author reads this."""
    assert world.pulls
    assert "pass `token:" in str(trouble(lambda: ask(connect(" \n"))))


def test_a_token_with_a_line_break_is_refused_unseen(connect: Connect, world: World) -> None:
    """The HTTP library quotes a header that it does not take: we do not."""
    assert world.pulls
    error = trouble(lambda: ask(connect(f"{TOKEN}\n{TOKEN}")))
    assert error.trouble is Trouble.NOT_PERMITTED
    assert "Canary" not in "".join(traceback.format_exception(error))


def test_a_wrong_token_is_said_to_be_one(connect: Connect, world: World) -> None:
    """GitHub's own words."""
    assert world.pulls
    error = trouble(lambda: ask(connect("ghs_other")))
    assert error.trouble is Trouble.NOT_PERMITTED
    assert "Bad credentials" in str(error)


def test_an_address_that_is_none_is_an_error_like_another(world: World) -> None:
    """What the runner's environment holds may be anything."""
    assert world.pulls
    assert trouble(lambda: ask(GitHub(TOKEN, "nowhere"))).trouble is Trouble.UNEXPECTED
    away = GitHub(TOKEN, "http://127.0.0.1:9", sleep=lambda _: None)
    assert trouble(lambda: ask(away)).trouble is Trouble.UNAVAILABLE
