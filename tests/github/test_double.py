"""The double has teeth: what GitHub would not take, it does not take either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.github import scenes
from tests.github.conftest import TOKEN
from tests.github.double.server import Double
from tests.github.double.state import World

Send = Callable[..., "requests.Response"]
PULL = f"/repos/acme/shop/pulls/{scenes.NUMBER}"
ISSUE = f"/repos/acme/shop/issues/{scenes.NUMBER}"


@pytest.fixture
def send(double: Double, world: World) -> Send:
    """Send a request that no client of ours would send."""
    assert world.pulls

    def sending(method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"token {TOKEN}"}
        url = double.api_url + path
        return requests.request(method, url, json=body, headers=headers, timeout=10)

    return sending


def comment(**fields: object) -> dict[str, object]:
    """A line comment that is as it should be, but for those fields."""
    return {"path": scenes.MODEL, "body": "x", "line": 5, "side": "RIGHT", **fields}


@pytest.mark.parametrize(
    "wrong",
    [
        comment(line=20),
        comment(line=33, start_line=5),
        comment(start_line=5),
        comment(path="elsewhere.py"),
        comment(path=scenes.BIG),
        comment(body="x" * 65_537),
    ],
)
def test_one_comment_off_the_diff_loses_the_whole_review(
    send: Send, world: World, wrong: dict[str, object]
) -> None:
    """422, and nothing of it is kept."""
    review = {"event": "COMMENT", "body": "r", "comments": [comment(), wrong]}
    assert send("POST", f"{PULL}/reviews", review).status_code == 422
    assert (world.line_comments, world.reviews) == ({}, {})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", f"{ISSUE}/comments", {"body": "x" * 65_537}, 422),
        ("POST", f"{PULL}/reviews", {"event": "COMMENT", "comments": []}, 422),
        ("POST", f"{PULL}/reviews", {"event": "COMMENT", "body": "x", "commit_id": "0" * 40}, 422),
        ("PATCH", "/repos/acme/shop/issues/comments/1", {"body": "x"}, 404),
        (
            "POST",
            f"/repos/acme/shop/statuses/{scenes.HEAD}",
            {"state": "error", "description": "x" * 141},
            422,
        ),
        ("GET", "/repos/acme/secret/pulls/7", None, 404),
    ],
)
def test_what_github_refuses_is_refused(
    send: Send, world: World, method: str, path: str, body: Any, status: int
) -> None:
    """With an answer that GitHub's description knows."""
    assert send(method, path, body).status_code == status
    assert (world.comments, world.reviews, world.statuses) == ({}, {}, [])


def test_fifty_one_annotations_are_one_too_many(send: Send, world: World) -> None:
    """GitHub's description itself holds this limit."""
    note = {
        "path": "a.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "notice",
        "message": "x",
    }
    output = {"title": "t", "summary": "s", "annotations": [note] * 51}
    body = {"name": "n", "head_sha": scenes.HEAD, "output": output}
    assert send("POST", "/repos/acme/shop/check-runs", body).status_code == 418
    assert len(world.violations) == 1
    world.violations.clear()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{ISSUE}/comments", {"body": "x", "colour": "red"}),
        ("POST", f"{ISSUE}/comments", {}),
        ("POST", f"{PULL}/comments", comment(side="MIDDLE", commit_id=scenes.HEAD)),
        ("POST", f"/repos/acme/shop/statuses/{scenes.HEAD}", {"state": "great"}),
        ("GET", "/repos/acme/shop/statuses/abc", None),
        ("GET", "/user", None),
        ("POST", "/graphql", {"query": "query { viewer { nickname } }"}),
        (
            "POST",
            "/graphql",
            {"query": "mutation { resolveReviewThread(input: {}) { thread { id } } }"},
        ),
    ],
)
def test_what_github_does_not_describe_is_a_violation(
    send: Send, world: World, method: str, path: str, body: Any
) -> None:
    """An unknown field, a missing one, a wrong word, an address that is not documented."""
    assert send(method, path, body).status_code == 418
    assert len(world.violations) == 1
    world.violations.clear()
