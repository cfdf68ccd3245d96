"""Whole steps before a GitHub of our own: comments, forks' facts, a base that moved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.github.conftest import TOKEN
from tests.github.double.faults import Fault
from tests.github.double.server import Double
from tests.github.double.state import Comment, Pull, Rights, Run, World
from tests.unit.action.conftest import Job
from tests.unit.action.conftest import job as _job

HERE = "acme/shop"
FORK = "eve/shop"
SAID = 4711

job = _job


@pytest.fixture
def scene(job: Job, double: Double) -> World:
    """A pull request without migrations, a comment on it, and people with and without rights."""
    job.repository, job.api_url = HERE, double.api_url
    job.check_out(job.commit({"README.md": "Hello\n"}, branch="prose"))
    world = double.world
    world.tokens[TOKEN] = Rights()
    world.pulls[7] = Pull(7, job.head, HERE, base_sha=job.base)
    world.roles = {"ada": "write", "eve": "read"}
    return world


def say(
    job: Job, world: World, body: str, author: str = "ada", on: dict[str, Any] | None = None
) -> int:
    """A comment's job; it has checked out the default branch."""
    job.check_out(job.base)
    world.comments[SAID] = Comment(SAID, 7, body, replace(Rights().account, login=author))
    issue = {"number": 7, "state": "open", "pull_request": {}, **(on or {})}
    comment = {"id": SAID, "body": body, "user": {"login": author}}
    payload = {"action": "created", "issue": issue, "comment": comment}
    return job.run("issue_comment", payload, token=TOKEN)


def reactions(world: World) -> list[str]:
    """What was reacted with, in order."""
    return [content for _, content in world.comments[SAID].reactions]


def states(world: World) -> list[tuple[str, str]]:
    """The statuses in order: commit and state."""
    return [(status.sha, status.state) for status in world.statuses]


def answers(world: World) -> list[str]:
    """The comments but for the command's."""
    return [comment.body for comment in world.comments.values() if comment.id != SAID]


def test_a_command_checks_the_head_that_github_names(job: Job, scene: World) -> None:
    """👀, pending, the result on exactly that commit, 🚀."""
    head = scene.pulls[7].head_sha
    assert say(job, scene, "/db-recheck") == 0
    assert reactions(scene) == ["eyes", "rocket"]
    assert states(scene) == [(head, "pending"), (head, "success")]
    report = json.loads((job.workspace / job.outputs["report-json"]).read_text())
    assert (report["head"], report["base"]) == (head, job.base)


def test_a_finding_is_answered_with_a_thumb_down(job: Job, scene: World) -> None:
    """The demo's pull request, on a database: review, comment, status and exit status agree."""
    feature = job.commit({}, branch="feature")
    scene.pulls[7].head_sha = feature
    assert say(job, scene, "/db-recheck") == 1
    assert reactions(scene) == ["eyes", "-1"]
    assert states(scene) == [(feature, "pending"), (feature, "failure")]
    assert "db-recheck: 4 blocking findings" in answers(scene)[0]
    assert job.outputs["comment-url"]


def test_somebody_without_rights_gets_a_thumb_down_and_no_work(job: Job, scene: World) -> None:
    """Whatever the comment says."""
    for body in ("/db-recheck", "/db-recheck help"):
        assert say(job, scene, body, author="eve") == 0
        assert reactions(scene) == ["-1"]
    assert (states(scene), answers(scene)) == ([], [])
    assert "eve may not write" in job.summary


def test_rights_that_are_not_known_are_none(job: Job, scene: World, double: Double) -> None:
    """GitHub does not answer: nobody is served."""
    double.faults.append(Fault(path="/permission", status=500, times=99))
    assert say(job, scene, "/db-recheck") == 0
    assert "eyes" not in reactions(scene)
    assert states(scene) == []


def test_a_comment_without_a_command_asks_github_nothing(job: Job, scene: World) -> None:
    """Most comments are none."""
    assert say(job, scene, "I would run /db-recheck here") == 0
    assert scene.requests == []


def test_a_head_that_moved_meanwhile_stops_the_report(
    job: Job, scene: World, double: Double
) -> None:
    """What was authorised is a commit, not a branch."""
    head = scene.pulls[7].head_sha
    moved = replace(scene.pulls[7], head_sha="d" * 40)

    class Moving(dict[int, Pull]):
        """The pull request as it is when it is asked for the second time and later."""

        asked = 0

        def get(self, key: int, default: Any = None) -> Any:
            self.asked += 1
            return moved if self.asked > 1 else super().get(key, default)

    double.world.pulls = Moving(scene.pulls)
    assert say(job, scene, "/db-recheck") == 0
    assert reactions(scene) == ["eyes", "confused"]
    assert states(scene) == [(head, "pending"), (head, "error")]
    assert answers(scene) == []
    assert job.outputs["verdict"] == "skip"


def test_a_check_that_breaks_off_leaves_no_status_pending(job: Job, scene: World) -> None:
    """The exception goes on, to be told as everywhere."""
    scene.pulls[7].head_sha = "e" * 40
    with pytest.raises(Exception, match="there is no commit"):
        say(job, scene, "/db-recheck")
    assert [state for _, state in states(scene)] == ["pending", "error"]
    assert reactions(scene) == ["eyes", "confused"]


def test_the_code_of_a_fork_is_not_brought_here(job: Job, scene: World) -> None:
    """Its own run, which has no rights, is started again: the newest one of ours on that head."""
    head = "e" * 40
    scene.pulls[7].head_repository, scene.pulls[7].head_sha = FORK, head
    scene.runs = {1: Run(1, head, path=".github/workflows/ci.yml"), 2: Run(2, head)}
    assert say(job, scene, "/db-recheck") == 0
    assert {number: run.attempts for number, run in scene.runs.items()} == {1: 1, 2: 2}
    assert reactions(scene) == ["eyes", "rocket"]
    assert states(scene) == []


def test_a_fork_without_a_run_is_told_so(job: Job, scene: World) -> None:
    """Its first run may wait for an approval."""
    scene.pulls[7].head_repository = FORK
    assert say(job, scene, "/db-recheck") == 0
    assert reactions(scene) == ["eyes", "confused"]
    assert "no workflow of db-recheck ran on it" in job.summary


@pytest.mark.parametrize(
    ("body", "reaction", "answer"),
    [
        ("/db-recheck help", "rocket", "| `/db-recheck explain <policy-id>` |"),
        ("/db-recheck explain failing-downgrade", "rocket", "### failing-downgrade"),
        ("/db-recheck explain failing-upgrad", "confused", "did you mean `failing-upgrade`"),
        ("/db-recheck exlpain x", "confused", "Did you mean `/db-recheck explain <policy-id>`"),
    ],
)
def test_questions_are_answered_in_a_comment(
    job: Job, scene: World, body: str, reaction: str, answer: str
) -> None:
    """Nothing is checked for them."""
    assert say(job, scene, body) == 0
    (text,) = answers(scene)
    assert answer in text
    assert reactions(scene) == ["eyes", reaction]
    assert states(scene) == []


def test_a_policy_of_the_repository_is_explained_as_base_has_it(job: Job, scene: World) -> None:
    """The pull request's own words about it are not in force, and nothing of either runs."""
    path, text = ".db-recheck/policies/no_x.py", '"""{} <b>."""\nraise SystemExit(9)\n'
    job.commit({path: text.format("Base says @ada")}, branch="main")
    scene.pulls[7].head_sha = job.commit({path: text.format("Head")}, branch="prose")
    assert say(job, scene, "/db-recheck explain custom-no-x") == 0
    (told,) = answers(scene)
    assert f"defined in `{path}:1` on `main`" in told
    assert "> Base says @\u200bada \\<b\\>." in told
    assert "Head" not in told
    assert reactions(scene) == ["eyes", "rocket"]


def test_a_configuration_that_is_wrong_is_told_to_who_asks(job: Job, scene: World) -> None:
    """The step does not fail for a question."""
    job.commit({".db-recheck.toml": "nope = 1\n"}, branch="main")
    assert say(job, scene, "/db-recheck explain custom-no-x") == 0
    assert "there is no setting" in answers(scene)[0]
    assert reactions(scene) == ["eyes", "confused"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("/db-recheck describe `orders`", "| `total` | `numeric(12,2)` | no |"),
        ("/db-recheck status", "is at `2b7d90f1`; with this change it gets to `2b7d90f1`"),
        ("/db-recheck suggest-index orders total", "**served**"),
    ],
)
def test_the_schema_is_asked_in_a_comment(job: Job, scene: World, body: str, answer: str) -> None:
    """The pull request changes prose alone, and there is a schema to ask about all the same."""
    assert say(job, scene, body) == 0
    (text,) = answers(scene)
    assert answer in text
    assert text.endswith(f"About `{scene.pulls[7].head_sha[:12]}` merged into `main`.\n")
    assert reactions(scene) == ["eyes", "rocket"]
    assert states(scene) == []


def test_a_table_that_is_not_there_is_told_with_near_names(job: Job, scene: World) -> None:
    """A stranger's word comes back as text."""
    assert say(job, scene, "/db-recheck describe orders@me") == 0
    (text,) = answers(scene)
    assert "There is no table `orders@me` at head; near it" in text
    assert reactions(scene) == ["eyes", "confused"]


def test_nobody_without_rights_gets_the_schema_built(job: Job, scene: World) -> None:
    """No answer, no server: a thumb down."""
    assert say(job, scene, "/db-recheck describe orders", "eve") == 0
    assert answers(scene) == []
    assert reactions(scene) == ["-1"]


def test_a_forks_code_is_not_run_to_answer(job: Job, scene: World) -> None:
    """Base alone is described, and the answer says so."""
    table = "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'f1'\n"
    table += "down_revision = '2b7d90f1'\n\n\ndef upgrade():\n    op.drop_table('orders')\n"
    fork = job.commit({"migrations/versions/f1_evil.py": table}, branch="evil")
    scene.pulls[7] = Pull(7, fork, FORK, base_sha=job.base)
    assert say(job, scene, "/db-recheck describe orders") == 0
    (text,) = answers(scene)
    assert "| `total` | `numeric(12,2)` | no |" in text
    assert "About `main` alone: the code of a fork is not run for a comment." in text


def test_a_locked_conversation_loses_the_answer_not_the_job(job: Job, scene: World) -> None:
    """The log says why."""
    scene.pulls[7].locked = True
    assert say(job, scene, "/db-recheck help") == 0
    assert "The answer could not be written: GitHub answered 403" in job.log
    assert reactions(scene) == ["eyes", "confused"]
