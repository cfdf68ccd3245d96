"""What GitHub says of the pull request, its issues and its neighbours becomes facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.action.pull_request import with_pull_request
from bot.facts import (
    Facts,
    LinkedIssue,
    OtherPullRequest,
    OtherRevision,
    Project,
    PullRequest,
)
from bot.github import GitHub, NotKnown
from bot.github.about import LOOKED_UP, about
from bot.github.neighbours import FILES, Neighbour, neighbours
from tests.github import scenes
from tests.github.conftest import TOKEN
from tests.github.double.faults import Fault, secondary_limit
from tests.github.double.server import Double
from tests.github.double.state import File, Pull, Rights, World

HERE = "acme/shop"


def revision(name: str, parent: str | None) -> str:
    """The text of a revision file."""
    return f'revision = "{name}"\ndown_revision = {parent!r}\n'


def test_a_pull_request_in_its_own_words(github: GitHub, world: World) -> None:
    """Text, labels, branches, commits and the issues that GitHub will close."""
    pull = world.pulls[scenes.NUMBER]
    pull.labels, pull.draft, pull.body = ("db-direct",), True, None
    pull.messages, pull.closes = ["feat: mood", "x" * 5_000], [3]
    world.issues[3] = "CLOSED"
    told = about(github, HERE, scenes.NUMBER)
    assert isinstance(told, PullRequest)
    assert told.commits[0].message == "feat: mood"
    assert len(told.commits[1].message) == 4_000
    assert replace(told, commits=()) == PullRequest(
        number=7,
        title="Add a mood",
        labels=("db-direct",),
        author="octocat",
        branch="moods",
        base_branch="main",
        to_default_branch=True,
        draft=True,
        issues=(LinkedIssue(3, "closed", exists=True, repository=HERE, closes=True),),
    )
    asked = [request.operation for request in world.requests]
    assert asked == ["AboutPullRequest", "IssuesToClose"]


def test_another_base_and_a_deleted_author(github: GitHub, world: World) -> None:
    """A release branch is not the default branch; who deleted the account is ``ghost``."""
    pull = world.pulls[scenes.NUMBER]
    pull.base_ref, pull.author = "release", ""
    told = about(github, HERE, scenes.NUMBER)
    assert isinstance(told, PullRequest)
    assert (told.to_default_branch, told.author) == (False, "ghost")


def test_named_issues_are_looked_up(github: GitHub, world: World) -> None:
    """Open, closed, missing, and those of elsewhere; a pull request's number is no issue."""
    pull = world.pulls[scenes.NUMBER]
    pull.title = "Mood (#11)"
    pull.body = "See GH-12, other/shop#5, https://github.com/acme/shop/issues/13 and #7; not &#39;"
    pull.messages = ["Refs #11, abc#14, path/to#15x"]
    world.issues |= {11: "OPEN", 12: "CLOSED", 14: "OPEN"}
    told = about(github, HERE, scenes.NUMBER)
    assert isinstance(told, PullRequest)
    assert told.issues == (
        LinkedIssue(11, "open", exists=True, repository=HERE),
        LinkedIssue(12, "closed", exists=True, repository=HERE),
        LinkedIssue(5, repository="other/shop"),
        LinkedIssue(13, exists=False, repository=HERE),
    )


def test_the_branch_names_an_issue_where_there_is_one(github: GitHub, world: World) -> None:
    """As GitHub names branches of issues; a number that is no issue's says nothing."""
    world.issues |= {11: "OPEN"}
    expected = {
        "11-add-moods": (11,),
        "feature/11_moods": (11,),
        "gh-11": (11,),
        "2024-moods": (),
        "moods-11": (),
        "moods": (),
    }
    for branch, numbers in expected.items():
        world.pulls[scenes.NUMBER].head_ref = branch
        told = about(github, HERE, scenes.NUMBER)
        assert isinstance(told, PullRequest)
        assert tuple(issue.number for issue in told.issues) == numbers, branch


def test_no_flood_of_questions(github: GitHub, world: World) -> None:
    """However many numbers a text names."""
    world.pulls[scenes.NUMBER].body = " ".join(f"#{number}" for number in range(100, 300))
    told = about(github, HERE, scenes.NUMBER)
    assert isinstance(told, PullRequest)
    assert len(told.issues) == LOOKED_UP
    assert len(world.requests) == LOOKED_UP + 2


def test_issues_that_the_token_does_not_show(connect: Callable[..., GitHub], world: World) -> None:
    """Whether they exist is then not known."""
    world.tokens[TOKEN] = Rights(issues="none")
    world.pulls[scenes.NUMBER].body = "#11"
    world.pulls[scenes.NUMBER].closes, world.issues[11] = [11], "OPEN"
    told = about(connect(), HERE, scenes.NUMBER)
    assert isinstance(told, PullRequest)
    assert told.issues == (LinkedIssue(11, exists=None, repository=HERE),)


def test_nothing_waits_for_it(
    github: GitHub, double: Double, world: World, slept: list[float]
) -> None:
    """A limit or an outage is told and not sat out: the review's own questions come first."""
    for fault in (secondary_limit(30, times=-1), Fault(status=502, times=-1)):
        double.faults = [fault]
        assert isinstance(about(github, HERE, scenes.NUMBER), NotKnown)
        assert isinstance(neighbours(github, HERE, 7, "main", bool), NotKnown)
    assert slept == []
    assert world.pulls


def test_neighbours_come_with_the_files_that_they_add(github: GitHub, world: World) -> None:
    """Added ones in the right folder, of open pull requests to the same branch; two questions."""
    world.pulls[8] = Pull(
        8,
        "8" * 40,
        "stranger/shop",
        [
            File("versions/a.py", None, "added", text="a = 1"),
            File("versions/b.py", None, "added"),
            File("versions/old.py", None, "modified", text="x"),
            File("shop/c.py", None, "added", text="x"),
        ],
        title="Tags",
        head_ref="tags",
    )
    world.pulls[9] = Pull(9, "9" * 40, HERE, [File("versions/d.py", None, "added")], state="closed")
    world.pulls[10] = Pull(10, "a" * 40, HERE, [File("README.md", None, "added")])
    world.pulls[11] = replace(world.pulls[8], number=11, base_ref="release")
    world.pulls[7].files = list(world.pulls[8].files)
    found = neighbours(github, HERE, 7, "main", lambda path: path.startswith("versions/"))
    texts = (("versions/a.py", "a = 1"), ("versions/b.py", None))
    assert found == (Neighbour(8, "Tags", "tags", texts),)
    assert len(world.requests) == 2


def test_neighbours_are_bounded(github: GitHub, world: World) -> None:
    """Twenty pull requests, forty texts, and nothing more is asked when none adds a revision."""
    for number in range(100, 130):
        files = [File(f"v/{number}_{at}.py", None, "added", text="x") for at in range(5)]
        world.pulls[number] = Pull(number, f"{number:040x}", HERE, files)
    found = neighbours(github, HERE, 7, "main", lambda path: path.startswith("v/"))
    assert not isinstance(found, NotKnown)
    assert len(found) == 19  # and the one that is reviewed
    texts = [text for each in found for _, text in each.texts]
    assert (len(texts), texts.count("x")) == (95, FILES)
    world.requests.clear()
    assert neighbours(github, HERE, 7, "main", lambda _: False) == ()
    assert len(world.requests) == 1


def told(github: GitHub, facts: Facts, number: int | None = 7) -> Facts:
    """The facts after GitHub was asked."""
    (found,) = with_pull_request(github, HERE, (facts,), number)
    return found


FACTS = Facts("b" * 40, scenes.HEAD, projects=(Project("alembic.ini", "migrations"),))
LIE = replace(FACTS, pull_request=PullRequest(7, body="there is a backup", labels=("db-direct",)))


def test_what_an_untrusted_run_says_of_the_pull_request_is_replaced(
    github: GitHub, double: Double, connect: Callable[..., GitHub]
) -> None:
    """Also where GitHub does not answer, and where there is no pull request or no token."""
    seen = told(github, LIE)
    assert seen.pull_request is not None
    assert (seen.pull_request.title, seen.pull_request.labels) == ("Add a mood", ())
    assert told(github, LIE, number=None).pull_request is None
    assert told(connect(""), LIE).pull_request is None
    double.faults = [Fault(status=500, times=-1)]
    unseen = told(github, LIE)
    assert unseen.pull_request is None
    (entry,) = unseen.not_checked
    assert (entry.fatal, entry.why) == (False, "GitHub answered 500: Server Error")


def test_nothing_is_asked_where_nothing_is_checked(github: GitHub, world: World) -> None:
    """A pull request that touches no migration costs no request."""
    seen = told(github, replace(LIE, nothing="no migration changed"))
    assert seen.pull_request is None
    assert world.requests == []


def test_revisions_of_others_are_read_and_never_run(github: GitHub, world: World) -> None:
    """What is computed is not known; what is no Python neither."""
    texts = {
        "migrations/versions/a.py": revision("a", "0001"),
        "migrations/versions/b.py": "revision = name()\ndown_revision = parent()\n",
        "migrations/versions/c.py": "import os; os.abort(",
        "migrations/versions/d.py": 'revision = "d"\ndown_revision = parent()\n',
        "migrations/README": "",
        "shop/models.py": "",
    }
    files = [File(path, None, "added", text=text) for path, text in texts.items()]
    world.pulls[8] = Pull(8, "8" * 40, HERE, files, title="Tags", head_ref="tags")
    seen = told(github, FACTS)
    assert seen.pull_request is not None
    revisions = (
        OtherRevision("migrations/versions/a.py", "a", ("0001",)),
        OtherRevision("migrations/versions/b.py"),
        OtherRevision("migrations/versions/c.py"),
        OtherRevision("migrations/versions/d.py", "d"),
    )
    assert seen.pull_request.others == (OtherPullRequest(8, "Tags", "tags", revisions),)


def test_others_that_are_not_known_are_told_so(github: GitHub, double: Double) -> None:
    """The pull request itself is known all the same."""
    double.hooks.append(
        lambda _, path: (
            double.faults.append(Fault(status=500, times=-1))
            if path.endswith("graphql") and double.world.requests
            else None
        )
    )
    seen = told(github, FACTS)
    assert seen.pull_request is not None
    assert seen.pull_request.others is None
    assert [entry.what for entry in seen.not_checked] == [
        "other open pull requests that add revisions"
    ]
