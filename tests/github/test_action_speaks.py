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


def finished(job: Job, head: str, conclusion: str = "success", **inputs: str) -> int:
    """The report after a fork's run; it has checked out the default branch."""
    job.check_out(job.base)
    run = {
        "id": 5,
        "event": "pull_request",
        "conclusion": conclusion,
        "head_sha": head,
        "head_branch": "moods",
        "head_repository": {"full_name": FORK},
        "html_url": "https://github.com/acme/shop/actions/runs/5",
    }
    payload = {"action": "completed", "workflow_run": run}
    return job.run("workflow_run", payload, mode="report", token=TOKEN, **inputs)


def observe(job: Job, scene: World) -> str:
    """The fork's run on the scene's head, its facts handed over; returns the head."""
    head = scene.pulls[7].head_sha
    scene.pulls[7].head_repository = FORK
    job.check_out(head)
    assert job.pull_request(mode="observe") == 0
    target = job.workspace / "db-recheck-facts" / "facts.json"
    target.parent.mkdir()
    (job.workspace / job.outputs["facts"]).rename(target)
    return head


def test_a_forks_facts_become_a_status_on_its_exact_head(job: Job, scene: World) -> None:
    """The number comes from GitHub; a comment is not begun for a change without migrations."""
    head = observe(job, scene)
    assert finished(job, head) == 0
    assert states(scene) == [(head, "pending"), (head, "success")]
    assert job.outputs["verdict"] == "skip"


def test_a_forks_findings_are_told_with_the_word_that_they_can_be_forged(
    job: Job, scene: World
) -> None:
    """Seen without rights on a database, judged and written here."""
    scene.pulls[7].head_sha = job.commit({}, branch="feature")
    head = observe(job, scene)
    assert finished(job, head) == 1
    assert states(scene)[-1] == (head, "failure")
    assert "4 blocking findings" in answers(scene)[0]
    assert "can forge them" in answers(scene)[0]


LOUD = """\"\"\"Something was new.\"\"\"
import os
from bot.policy import Confidence, Finding, Severity
SEVERITY = Severity.NOTE
def check(facts):
    held = [name for name in os.environ if "TOKEN" in name or name.startswith("INPUT_")]
    for revision in facts.projects[0].revisions[:1]:
        yield Finding(path=revision.path, line=1, title=f"A team's own words {held}",
            message="m", subject="s", confidence=Confidence.CERTAIN)
"""


def test_the_teams_own_policies_judge_a_forks_facts(job: Job, scene: World) -> None:
    """Those of the base branch, in the half that may write, without anything of the job in them."""
    job.base = job.commit({".db-recheck/policies/loud.py": LOUD}, branch="main")
    scene.pulls[7].head_sha = job.commit({}, branch="feature")
    head = observe(job, scene)
    assert finished(job, head) == 1
    said = "\n".join([*answers(scene), job.summary])
    assert "custom-loud" in said
    assert "A team's own words \\[\\]" in said


def test_a_fork_that_moved_on_is_left_to_its_next_run(job: Job, scene: World) -> None:
    """No open pull request has that head any more: nothing is written."""
    head = observe(job, scene)
    scene.pulls[7].head_sha = "d" * 40
    assert finished(job, head) == 0
    assert (states(scene), answers(scene)) == ([], [])
    assert "Nothing to report" in job.summary


def test_a_run_that_failed_is_an_error_even_with_facts(job: Job, scene: World) -> None:
    """What it had still to do was not seen."""
    head = observe(job, scene)
    assert finished(job, head, conclusion="failure") == 3
    assert states(scene)[-1] == (head, "error")
    assert "it ended with `failure`" in answers(scene)[0]


def test_facts_of_another_commit_leave_an_error_not_a_pending_status(
    job: Job, scene: World
) -> None:
    """Forged or stale: refused, and the status says so."""
    observe(job, scene)
    scene.pulls[7].head_sha = "d" * 40
    with pytest.raises(Exception, match="is about the commit"):
        finished(job, "d" * 40)
    assert states(scene) == [("d" * 40, "pending"), ("d" * 40, "error")]


def test_a_base_that_gained_a_revision_checks_open_pull_requests_anew(
    job: Job, scene: World
) -> None:
    """Those that touch migrations, by their newest run of ours."""
    from tests.github.double.state import File

    tip = job.commit({"migrations/versions/9f_more.py": "revision = '9f'\n"}, branch="main")
    job.check_out(tip)
    touched = File("migrations/versions/8e_other.py", None, "added")
    scene.pulls[8] = Pull(8, "8" * 40, FORK, files=[touched])
    scene.pulls[9] = Pull(9, "9" * 40, HERE, files=[touched], base_ref="release")
    scene.runs = {1: Run(1, scene.pulls[7].head_sha), 2: Run(2, "8" * 40), 3: Run(3, "9" * 40)}
    push = {"ref": "refs/heads/main", "before": job.base, "after": tip}
    assert job.run("push", push, token=TOKEN) == 0
    assert [run.attempts for run in scene.runs.values()] == [1, 2, 1]
    assert "1 of 1 open pull requests" in job.summary


def test_a_base_that_gained_no_revision_checks_nothing_anew(job: Job, scene: World) -> None:
    """Most pushes."""
    tip = job.commit({"CHANGES.md": "x"}, branch="main")
    job.check_out(tip)
    push = {"ref": "refs/heads/main", "before": job.base, "after": tip}
    assert job.run("push", push, token=TOKEN) == 0
    assert scene.requests == []
    assert "no open pull request needs another check" in job.summary


def test_a_token_that_may_not_start_runs_says_so(job: Job, scene: World) -> None:
    """The push is no failure because of it."""
    from tests.github.double.state import File

    tip = job.commit({"migrations/versions/9f_more.py": "revision = '9f'\n"}, branch="main")
    job.check_out(tip)
    scene.tokens[TOKEN] = Rights(actions="none")
    scene.pulls[7].files = [File("migrations/versions/8e_other.py", None, "added")]
    scene.runs = {1: Run(1, scene.pulls[7].head_sha)}
    push = {"ref": "refs/heads/main", "before": job.base, "after": tip}
    assert job.run("push", push, token=TOKEN) == 0
    assert "0 of 1 open pull requests" in job.summary
    assert "#7 was not checked anew" in job.log
