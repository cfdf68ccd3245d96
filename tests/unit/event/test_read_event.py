"""Each event of GitHub becomes one small value, or a sentence that says why there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.event import (
    Asked,
    BadPayload,
    Event,
    Finished,
    Nothing,
    Payload,
    Refused,
    Review,
    Warm,
    read_event,
)

BASE, HEAD, MERGED = "a" * 40, "b" * 40, "c" * 40
HERE = {"full_name": "shop/shop", "default_branch": "main"}


def read(name: str, **data: Any) -> Event:
    """The event with that payload, in the repository shop/shop."""
    payload = Payload.parse(json.dumps({"repository": HERE, **data}).encode())
    return read_event(name, payload, MERGED)


def pull(action: str = "opened", repo: dict[str, str] | None = HERE, **more: Any) -> Event:
    """A pull_request event."""
    request = {
        "number": 7,
        "draft": True,
        "base": {"ref": "main", "sha": BASE},
        "head": {"ref": "feature", "sha": HEAD, "repo": repo},
        **more,
    }
    return read("pull_request", action=action, pull_request=request)


def test_a_pull_request_is_its_own_head_on_the_tip_of_its_base() -> None:
    """GITHUB_SHA is a merge of both as they were when the event was sent; drafts are checked."""
    assert pull() == Review("origin/main", HEAD, number=7)


@pytest.mark.parametrize(
    "action",
    ["synchronize", "reopened", "ready_for_review", "edited", "labeled", "converted_to_draft"],
)
def test_every_action_gets_a_whole_review(action: str) -> None:
    """A run that skipped would be the newest on the head, and turn a red check green."""
    assert isinstance(pull(action), Review)


def test_a_closed_pull_request_needs_none() -> None:
    """Nobody can merge it."""
    assert pull("closed") == Nothing("Nothing to check: the pull request was closed.")


@pytest.mark.parametrize("repo", [{"full_name": "eve/shop"}, None, {}])
def test_another_repository_is_a_fork_and_so_is_one_that_is_gone(repo: Any) -> None:
    """A deleted fork has no repository in the payload; names differ in case alone or not at all."""
    assert pull(repo=repo) == Review("origin/main", HEAD, number=7, fork=True)
    assert pull(repo={"full_name": "Shop/shop"}) == Review("origin/main", HEAD, number=7)


def test_pull_request_target_is_refused() -> None:
    """It would run a stranger's code with a token that may write."""
    event = read("pull_request_target", action="opened")
    assert isinstance(event, Refused)
    assert "docs/workflows/fork/" in event.reason


def test_a_merge_group_brings_both_commits() -> None:
    """There is no pull request in its payload."""
    group = {"base_sha": BASE, "head_sha": HEAD, "base_ref": "refs/heads/main"}
    assert read("merge_group", action="checks_requested", merge_group=group) == Review(BASE, HEAD)
    assert isinstance(read("merge_group", action="destroyed", merge_group=group), Nothing)


def test_a_push_to_the_default_branch_warms_the_cache() -> None:
    """A new branch has zeros for the commit before."""
    event = read("push", ref="refs/heads/main", before=BASE, after=HEAD)
    assert event == Warm("main", BASE, HEAD)
    assert read("push", ref="refs/heads/main", before="0" * 40, after=HEAD) == Warm(
        "main", None, HEAD
    )


@pytest.mark.parametrize(
    ("ref", "more"),
    [
        ("refs/heads/feature", {}),
        ("refs/tags/main", {}),
        ("refs/heads/main", {"deleted": True, "after": "0" * 40}),
    ],
)
def test_other_pushes_are_nothing(ref: str, more: dict[str, Any]) -> None:
    """Another branch, a tag, a deletion."""
    assert isinstance(read("push", **{"ref": ref, "before": BASE, "after": HEAD, **more}), Nothing)


def test_a_manual_run_compares_with_the_default_branch_unless_told_otherwise() -> None:
    """`inputs` is null where the workflow declares none."""
    assert read("workflow_dispatch", inputs=None) == Review("origin/main", MERGED)
    chosen = {"base": " v1 ", "head": "feature"}
    assert read("workflow_dispatch", inputs=chosen) == Review("v1", "feature")


def comment(action: str = "created", **issue: Any) -> Event:
    """An issue_comment event."""
    return read(
        "issue_comment",
        action=action,
        issue={"number": 7, "state": "open", "pull_request": {"url": "…"}, **issue},
        comment={"id": 9, "body": "/db-recheck", "user": {"login": "ada"}},
    )


def test_a_new_comment_on_an_open_pull_request_is_read() -> None:
    """Who wrote it is looked up later: the payload's author_association is not a right."""
    assert comment() == Asked(number=7, comment_id=9, author="ada", body="/db-recheck")


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_a_comment_that_is_not_new_is_not_read(action: str) -> None:
    """People with write access may edit the comments of others."""
    assert isinstance(comment(action), Nothing)


@pytest.mark.parametrize("issue", [{"pull_request": None}, {"state": "closed"}])
def test_a_comment_elsewhere_is_not_read(issue: dict[str, Any]) -> None:
    """On an issue, and on a pull request that is closed."""
    assert isinstance(comment(**issue), Nothing)


def finished(**more: Any) -> Event:
    """A workflow_run event."""
    run = {
        "id": 5,
        "event": "pull_request",
        "conclusion": "success",
        "head_sha": HEAD,
        "head_branch": "feature",
        "head_repository": {"full_name": "eve/shop"},
        "html_url": "https://github.com/shop/shop/actions/runs/5",
        "pull_requests": [{"number": 1}],
        **more,
    }
    return read("workflow_run", action="completed", workflow_run=run)


def test_a_finished_run_is_known_by_its_head_not_by_a_number() -> None:
    """The list of pull requests in it is empty for forks, so the number is asked for."""
    event = finished()
    assert isinstance(event, Finished)
    assert (event.head, event.head_repository, event.branch) == (HEAD, "eve/shop", "feature")
    assert event.fork


def test_the_end_of_other_runs_is_nothing() -> None:
    """A push's run, and a run that has only been requested."""
    assert isinstance(finished(event="push"), Nothing)
    assert isinstance(read("workflow_run", action="requested", workflow_run={}), Nothing)


@pytest.mark.parametrize("name", ["schedule", "release", "", "Pull_Request"])
def test_any_other_event_is_nothing_and_says_so(name: str) -> None:
    """With a sentence that names it."""
    event = read(name)
    assert isinstance(event, Nothing)
    assert "not an event that db-recheck answers" in event.reason


@pytest.mark.parametrize(
    "sha", ["", "0" * 40, "B" * 40, "b" * 39, "b" * 41, "--upload-pack=x", None, 7, ["b" * 40]]
)
def test_a_commit_is_a_full_id_or_nothing(sha: Any) -> None:
    """What git would take for an option or a branch never gets that far."""
    with pytest.raises(BadPayload, match=r"no commit id at `pull_request\.head\.sha`"):
        pull(head={"sha": sha})


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000])
def test_a_payload_that_is_none_is_said_so(text: bytes) -> None:
    """Whatever is wrong with it, there is a sentence."""
    with pytest.raises(BadPayload, match="the event's payload"):
        Payload.parse(text)


FIELDS = (
    *("action", "pull_request", "head", "base", "sha", "ref", "repo", "full_name", "number"),
    *("merge_group", "head_sha", "base_sha", "workflow_run", "issue", "comment", "inputs"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
EVENTS = ["pull_request", "merge_group", "push", "workflow_dispatch", "issue_comment"]


@given(st.sampled_from([*EVENTS, "workflow_run"]), st.dictionaries(st.text(max_size=8), JSON))
def test_whatever_a_payload_holds_there_is_an_event_or_a_sentence(
    name: str, data: dict[str, Any]
) -> None:
    """No other exception, for JSON of any shape."""
    try:
        read_event(name, Payload(data), MERGED)
    except BadPayload as error:
        assert str(error)  # noqa: PT017 - either outcome is right; neither may be silent


@given(st.sampled_from([*EVENTS, "workflow_run"]), JSON)
def test_whatever_stands_where_a_field_is_looked_for(name: str, data: Any) -> None:
    """The fields' own names, with values of the wrong kind."""
    shaped = dict.fromkeys(("pull_request", "merge_group", "issue", "workflow_run", "ref"), data)
    try:
        read_event(name, Payload({**shaped, "action": "created", "repository": HERE}), MERGED)
    except BadPayload as error:
        assert "payload" in str(error)  # noqa: PT017 - either outcome is right
