"""Questions to GitHub: rights, heads, diffs, over all pages; an unanswered one is not a crash."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.facts import Hunk
from bot.github import GitHub, NotKnown, OpenPullRequest, PullRequest, ask
from tests.github import scenes
from tests.github.double.faults import Fault
from tests.github.double.server import Double
from tests.github.double.state import File, Pull, Run, Status, World

REPO = "acme/shop"
FORK = "stranger/shop"
BROKEN = Fault(status=500, times=-1)


def test_a_pull_request_is_told_as_it_is(github: GitHub, world: World) -> None:
    """All that a review needs to know of it."""
    pull = world.pulls[scenes.NUMBER]
    pull.labels, pull.draft, pull.body = ("db-approved", "wip"), True, "Closes #3"
    assert ask.pull_request(github, REPO, scenes.NUMBER) == PullRequest(
        number=7,
        title="Add a mood",
        body="Closes #3",
        state="open",
        draft=True,
        head_sha=scenes.HEAD,
        head_ref="moods",
        head_repository=REPO,
        base_ref="main",
        base_sha="b" * 40,
        labels=("db-approved", "wip"),
        author="octocat",
        locked=False,
        is_fork=False,
    )
    assert len(world.requests) == 1


@pytest.mark.parametrize("source", [FORK, None])
def test_a_fork_is_one_even_when_it_is_deleted(
    github: GitHub, world: World, source: str | None
) -> None:
    """Code of nobody is a stranger's."""
    world.pulls[scenes.NUMBER].head_repository = source
    pull = ask.pull_request(github, REPO, scenes.NUMBER)
    assert isinstance(pull, PullRequest)
    assert (pull.is_fork, pull.head_repository) == (True, source)


def test_a_pull_request_that_is_not_there_is_not_known(github: GitHub, world: World) -> None:
    """The sentence is GitHub's, and the answer counts as false."""
    assert world.pulls
    pull = ask.pull_request(github, REPO, 404)
    assert not pull
    assert pull == NotKnown("GitHub answered 404: Not Found")


@pytest.mark.parametrize(
    ("role", "writes"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False)],
)
def test_who_may_push_may_command(github: GitHub, world: World, role: str, *, writes: bool) -> None:
    """Looked up, not taken from the comment."""
    world.roles["octocat"] = role
    assert ask.may_write(github, REPO, "octocat") is writes


def test_who_is_unknown_may_not_and_when_nobody_knows_neither(
    github: GitHub, double: Double, world: World
) -> None:
    """A name with a slash in it is a name; an outage is not a permission."""
    assert world.pulls
    assert ask.may_write(github, REPO, "a/b?c") is False
    double.faults = [BROKEN]
    assert not ask.may_write(github, REPO, "octocat")


@pytest.mark.parametrize("branch", ["moods", None])
def test_the_pull_request_of_a_forks_run_is_found_by_its_head(
    github: GitHub, world: World, branch: str | None
) -> None:
    """Owner, branch and commit must all agree; closed ones and other heads do not."""
    world.pulls[8] = Pull(8, "c" * 40, FORK)
    world.pulls[9] = Pull(9, "c" * 40, FORK, state="closed")
    world.pulls[10] = Pull(10, "d" * 40, FORK, commits=["c" * 40])
    world.pulls[11] = Pull(11, "c" * 40, "other/shop")
    pull = ask.pull_request_of(github, REPO, "c" * 40, FORK, branch)
    assert isinstance(pull, PullRequest)
    assert pull.number == 8
    assert len(world.requests) == 1


def test_a_head_of_two_pull_requests_or_of_none_is_not_known(github: GitHub, world: World) -> None:
    """Nobody guesses on which of them to post."""
    world.pulls[8] = Pull(8, "c" * 40, FORK)
    world.pulls[9] = Pull(9, "c" * 40, FORK, base_ref="release")
    assert ask.pull_request_of(github, REPO, "c" * 40, FORK, "moods") == NotKnown(
        "more than one pull request has ccccccccc as its head: #8, #9"
    )
    assert not ask.pull_request_of(github, REPO, "e" * 40, FORK, "moods")


def test_a_status_is_found_on_any_page(github: GitHub, double: Double, world: World) -> None:
    """Hundreds of other statuses do not hide it; an outage says neither yes nor no."""
    assert ask.has_status(github, REPO, scenes.HEAD) is False
    world.statuses.append(Status(1, scenes.HEAD, "success", "ok", "db-recheck", None))
    for number in range(220):
        world.statuses.append(Status(2, scenes.HEAD, "success", "ok", f"ci/{number}", None))
    assert ask.has_status(github, REPO, scenes.HEAD) is True
    double.faults = [BROKEN]
    assert isinstance(ask.has_status(github, REPO, scenes.HEAD), NotKnown)


def test_the_diff_is_read_as_far_as_it_is_needed(github: GitHub, world: World) -> None:
    """Three thousand files are thirty pages; a patch that GitHub leaves out has no hunks."""
    world.pulls[scenes.NUMBER].files[1:1] = [
        File(f"f{n}.py", "@@ -1 +1 @@\n-a\n+b") for n in range(150)
    ]
    paths = {scenes.MODEL, scenes.BIG}
    assert ask.diff(github, REPO, scenes.NUMBER, paths) == {
        scenes.MODEL: (Hunk(3, 7), Hunk(31, 35)),
        scenes.BIG: (),
    }
    world.pulls[scenes.NUMBER].files = [File(f"f{n}.py", None) for n in range(3_500)]
    world.requests.clear()
    assert ask.diff(github, REPO, scenes.NUMBER, {"f2999.py", "f3000.py"}) == {"f2999.py": ()}
    assert len(world.requests) == 30
    world.requests.clear()
    assert ask.diff(github, REPO, scenes.NUMBER, {"f5.py"}) == {"f5.py": ()}
    assert ask.diff(github, REPO, scenes.NUMBER, set()) == {}
    assert len(world.requests) == 1


def test_open_pull_requests_that_touch_migrations_are_found(
    github: GitHub, double: Double, world: World
) -> None:
    """Over all pages; one whose files do not fit a page is counted in."""
    world.pulls.clear()
    for number in range(1, 61):
        path = "versions/a.py" if number % 20 == 0 else "README.md"
        world.pulls[number] = Pull(number, f"{number:040x}", REPO, [File(path, None)])
    world.pulls[20].state = "closed"
    world.pulls[40].head_repository = FORK
    world.pulls[50].files = [File(f"f{n}", None) for n in range(101)]
    world.pulls[60].base_ref = "release"
    found = ask.open_pull_requests(github, REPO, "main", lambda path: path.startswith("versions"))
    assert found == (
        OpenPullRequest(40, f"{40:040x}", is_fork=True),
        OpenPullRequest(50, f"{50:040x}", is_fork=False),
    )
    double.faults = [BROKEN]
    assert isinstance(ask.open_pull_requests(github, REPO, "main", bool), NotKnown)


def test_the_runs_of_a_head_are_listed(github: GitHub, world: World) -> None:
    """Those of the pull request's event, over all pages."""
    for number in range(130):
        world.runs[number] = Run(number, scenes.HEAD)
    world.runs[500] = Run(500, scenes.HEAD, event="push")
    world.runs[501] = Run(501, "f" * 40)
    runs = ask.runs_of(github, REPO, scenes.HEAD)
    assert not isinstance(runs, NotKnown)
    assert {run.id for run in runs} == set(range(130))
    assert runs[0].path == ".github/workflows/db-recheck.yml"


def test_another_repository_is_not_there(connect: Callable[[], GitHub], world: World) -> None:
    """What the token does not show does not exist."""
    assert world.pulls
    assert not ask.pull_request(connect(), "acme/secret", 7)
