"""Review threads over several pushes: new ones are added, gone ones resolved, none repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.facts import ChangedFile, Hunk, NotChecked
from bot.github import GitHub, Place, State
from bot.github.publish import publish
from bot.github.review import FILES, LINES, put_review
from bot.policy import Remedy, Severity
from bot.verdict import Verdict, Waived
from tests.conftest import Golden
from tests.github import scenes
from tests.github.double.faults import Fault
from tests.github.double.server import Double
from tests.github.double.state import ACTIONS, PERSON, LineComment, Rights, World
from tests.github.told import told
from tests.unit.report.cases import SOURCE

ONE = scenes.finding("00aa11bb22cc33dd")
TWO = scenes.finding("11aa11bb22cc33dd", line=4, title="Another")
THREE = scenes.finding("22aa11bb22cc33dd", line=7, title="A third")
Connect = Callable[[], GitHub]


@pytest.fixture
def place(double: Double, world: World) -> Place:
    """The pull request of a furnished world."""
    assert world.pulls
    return scenes.place(double)


def review(github: GitHub, place: Place, verdict: Verdict) -> str:
    """Publish the review and return what was done."""
    return put_review(github, place, verdict, comment_url="https://github.example/c").detail


def thread(world: World, title: str) -> LineComment:
    """The thread that holds those words."""
    (found,) = (item for item in world.line_comments.values() if title in item.body)
    return found


def test_a_push_resolves_what_is_gone_keeps_what_stays_and_adds_what_is_new(
    connect: Connect, place: Place, world: World
) -> None:
    """Three findings over two pushes make three threads, of which two are open."""
    assert review(connect(), place, scenes.failing(ONE, TWO)) == "2 added"
    world.requests.clear()
    assert review(connect(), place, scenes.failing(TWO, THREE)) == "1 added, 1 brought up to date"

    gone, kept, new = world.line_comments.values()
    assert (gone.resolved_by, kept.resolved_by, new.resolved_by) == (ACTIONS, None, None)
    assert [request.operation or request.path for request in world.writes] == [
        "ResolveThread",
        "/repos/acme/shop/pulls/7/reviews",
    ]


def test_a_finding_that_returns_opens_its_own_thread_again(
    connect: Connect, place: Place, world: World
) -> None:
    """The discussion goes on where it was."""
    for verdict in (scenes.failing(ONE), scenes.passing(), scenes.failing(ONE)):
        review(connect(), place, verdict)
    (only,) = world.line_comments.values()
    assert only.resolved_by is None


def test_what_a_person_resolved_stays_resolved(
    connect: Connect, place: Place, world: World
) -> None:
    """Whoever closes a thread has the last word."""
    review(connect(), place, scenes.failing(ONE))
    (only,) = world.line_comments.values()
    only.resolved_by = PERSON
    assert review(connect(), place, scenes.failing(ONE)) == "nothing changed on the lines"
    assert only.resolved_by == PERSON


def test_other_words_for_the_same_finding_are_put_in_place(
    connect: Connect, place: Place, world: World
) -> None:
    """A finding that is told otherwise now is edited, which notifies nobody."""
    review(connect(), place, scenes.failing(ONE))
    review(connect(), place, scenes.failing(replace(ONE, title="It leaves two types behind")))
    (only,) = world.line_comments.values()
    assert "It leaves two types behind" in only.body
    assert only.edits == 1


def test_a_waived_finding_is_resolved(connect: Connect, place: Place, world: World) -> None:
    """A waiver ends the discussion, even if something else was not checked."""
    review(connect(), place, scenes.failing(ONE))
    unseen = NotChecked("drift", "the env.py does not run", "make it run")
    waived = replace(ONE, waived=Waived("meant so", scenes.REVISION, 18))
    review(connect(), place, scenes.failing(waived, not_checked=(unseen,)))
    (only,) = world.line_comments.values()
    assert only.resolved_by == ACTIONS


@pytest.mark.parametrize(
    ("verdict", "outdated", "resolved"),
    [
        (scenes.in_error(), True, False),
        (scenes.failing(TWO, not_checked=(NotChecked("a", "b", "c"),)), False, False),
        (scenes.failing(TWO, not_checked=(NotChecked("a", "b", "c"),)), True, True),
        (scenes.skipping(), False, True),
    ],
)
def test_unobserved_is_not_gone(
    connect: Connect,
    place: Place,
    world: World,
    verdict: Verdict,
    *,
    outdated: bool,
    resolved: bool,
) -> None:
    """A finding that nobody could look for keeps its thread, unless its line was rewritten."""
    review(connect(), place, scenes.failing(ONE))
    (only,) = world.line_comments.values()
    only.outdated = outdated
    review(connect(), place, verdict)
    assert (only.resolved_by is not None) is resolved


def test_a_token_that_may_not_resolve_says_it_in_words(
    connect: Connect, place: Place, world: World, golden: Golden
) -> None:
    """The comment itself tells that its finding is gone, and takes it back when it returns."""
    world.tokens = dict.fromkeys(world.tokens, Rights(resolves_threads=False))
    review(connect(), place, scenes.failing(ONE))
    review(connect(), place, scenes.passing())
    (only,) = world.line_comments.values()
    golden("gone.md", only.body)
    assert review(connect(), place, scenes.passing()) == "nothing changed on the lines"
    review(connect(), place, scenes.failing(ONE))
    assert "What to do" in only.body
    assert only.edits == 2


def test_threads_are_found_over_all_pages(connect: Connect, place: Place, world: World) -> None:
    """Three hundred threads of others do not hide ours."""
    review(connect(), place, scenes.failing(ONE))
    ours = world.line_comments.popitem()[1]
    for _ in range(300):
        identity = next(world.ids)
        other = replace(ours, id=identity, body="nit", author=PERSON)
        world.line_comments[identity] = other
    world.line_comments[ours.id] = ours
    assert review(connect(), place, scenes.failing(ONE)) == "nothing changed on the lines"


def test_a_mark_in_a_strangers_thread_hides_nothing(
    connect: Connect, place: Place, world: World
) -> None:
    """Who copies our mark into a comment of theirs does not silence a finding."""
    review(connect(), place, scenes.failing(ONE))
    (only,) = world.line_comments.values()
    only.author = PERSON
    assert review(connect(), place, scenes.failing(ONE)) == "1 added"


def test_without_graphql_nothing_is_repeated(
    connect: Connect, double: Double, place: Place, world: World
) -> None:
    """REST tells which findings are told already; resolving waits for another day."""
    review(connect(), place, scenes.failing(ONE, TWO))
    double.faults = [Fault("POST", "graphql", times=-1)]
    assert review(connect(), place, scenes.failing(TWO, THREE)) == "1 added"
    assert len(world.line_comments) == 3


def test_lines_that_github_does_not_take_cost_the_others_nothing(
    github: GitHub, double: Double, place: Place, world: World
) -> None:
    """Where git's diff is not GitHub's, each comment is posted by itself, then on its file."""
    double.faults = [Fault("GET", "/files", times=-1)]
    hidden = scenes.finding("33aa11bb22cc33dd", path=scenes.MODEL, line=20, title="Hidden")
    lost = scenes.finding("44aa11bb22cc33dd", path=scenes.ELSEWHERE, line=2, title="Lost")
    files = tuple(
        ChangedFile(path, scenes.facts().files[0].change, hunks=(Hunk(1, 99),))
        for path in (scenes.REVISION, scenes.MODEL, scenes.ELSEWHERE)
    )
    verdict = scenes.failing(ONE, hidden, lost)
    verdict = replace(verdict, facts=replace(verdict.facts, files=files))
    assert review(github, place, verdict) == "2 added, 1 did not fit the diff"
    assert thread(world, "The downgrade").line == 19
    assert thread(world, "Hidden").subject == "file"


def test_a_flood_is_dammed_and_a_second_run_does_not_let_it_through(
    connect: Connect, place: Place, world: World
) -> None:
    """Thirty line comments and five on files: the rest stands in the comment, on every run."""
    many = [scenes.finding(f"{n:016x}", line=1 + n % 20, title=f"Line {n}") for n in range(50)]
    files = [scenes.finding(f"f{n:015x}", path=scenes.BIG, title=f"File {n}") for n in range(9)]
    told = review(connect(), place, scenes.failing(*many, *files))
    assert told == f"{LINES + FILES} added, {59 - LINES - FILES} did not fit the diff"
    world.requests.clear()
    review(connect(), place, scenes.failing(*many, *files))
    assert world.writes == []
    assert len(world.line_comments) == LINES + FILES


def test_without_a_comment_the_review_lists_what_has_no_line(
    connect: Connect, double: Double, place: Place, world: World, golden: Golden
) -> None:
    """``comment: never`` loses no finding, and lists none of them twice."""
    lost = scenes.finding("44aa11bb22cc33dd", path=scenes.ELSEWHERE, line=2, title="Lost")
    verdict = scenes.failing(ONE, lost)
    publish(connect(), place, verdict, comment="never", check_run=False)
    golden("without_comment.md", told(world, double.server_url))
    world.requests.clear()
    publish(connect(), place, verdict, comment="never", check_run=False)
    assert world.writes == []


def test_a_review_is_no_second_one_after_an_answer_that_was_lost(
    github: GitHub, double: Double, place: Place, world: World
) -> None:
    """GitHub did it and its answer never came: the next look sees it."""
    double.faults = [Fault("POST", "/reviews", done=True)]
    published = publish(github, place, scenes.failing(ONE))
    part = published.part("review")
    assert part
    assert part.state is State.UNCHANGED
    assert len(world.line_comments) == 1


def test_a_suggestion_replaces_exactly_the_lines_it_sits_on(
    github: GitHub, place: Place, world: World
) -> None:
    """One click gives the patched file."""
    item = scenes.finding(patch=scenes.FIX, severity=Severity.WARN)
    review(github, place, scenes.failing(item))
    (comment,) = world.line_comments.values()
    source = SOURCE.split("\n")
    start, end = comment.start_line or comment.line, comment.line
    assert start
    assert end
    inside = comment.body.split("```suggestion\n")[1].split("\n```")[0].split("\n")
    source[start - 1 : end] = inside
    assert "\n".join(source) == scenes.FIXED


def test_a_patch_that_does_not_apply_is_shown_and_not_offered(
    github: GitHub, place: Place, world: World
) -> None:
    """A patch for other lines than head's is a diff to read."""
    patch = scenes.FIX.replace('op.drop_column("users", "mood")', 'op.drop_column("users", "x")')
    item = replace(scenes.finding(), remedies=(Remedy("Fix it", patch=patch),))
    review(github, place, scenes.failing(item))
    (comment,) = world.line_comments.values()
    assert "```diff" in comment.body
    assert "```suggestion" not in comment.body


def test_threads_that_a_token_may_not_touch_cost_the_new_ones_nothing(
    connect: Connect, double: Double, place: Place, world: World
) -> None:
    """What could not be changed is told beside what was; alone, it is the part's own trouble."""
    review(connect(), place, scenes.failing(ONE))
    double.faults = [Fault("POST", "graphql", status=403, skip=1, times=-1)]
    detail = review(connect(), place, scenes.failing(TWO))
    assert detail == "1 added, 1 could not be changed: GitHub answered 403: Server Error"
    world.tokens = dict.fromkeys(world.tokens, Rights.read_only())
    double.faults = []
    published = publish(connect(), place, scenes.passing(), check_run=False)
    part = published.part("review")
    assert part
    assert part.state is State.NOT_PERMITTED


def test_a_head_that_is_pushed_away_under_our_hands_is_left_alone(
    github: GitHub, double: Double, place: Place, world: World
) -> None:
    """One refusal is enough then: no comment is tried by itself on a diff that is gone."""

    def meanwhile(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/reviews"):
            world.pulls[scenes.NUMBER].head_sha = "9f" * 20

    double.hooks = [meanwhile]
    published = publish(github, place, scenes.failing(ONE, TWO), check_run=False)
    part = published.part("review")
    assert part
    assert part.state is State.FAILED
    assert "Commit is not part of the pull request" in part.detail
    assert not any(request.path.endswith("/pulls/7/comments") for request in world.writes)
