"""The workflow files that users copy do what their page says, from the first job to the last."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github.conftest import TOKEN
from tests.github.double.state import Comment, Rights, Run
from tests.workflows.conftest import HERE, ROOT, Act


def states(act: Act) -> list[str]:
    """The commit statuses in order."""
    return [status.state for status in act.world.statuses]


def comments(act: Act) -> list[str]:
    """What was said on the pull request."""
    return [comment.body for comment in act.world.comments.values()]


@pytest.mark.parametrize("workflow", ["simple/db-recheck.yml", "cached/db-recheck.yml"])
def test_a_change_without_migrations_is_green_and_silent(act: Act, workflow: str) -> None:
    """On every pull request, and nobody is told anything."""
    act.check_out("prose")
    act.pull_request(workflow)
    assert act.jobs == {"db-recheck": "success"}, act.log
    assert comments(act) == []


def test_the_simple_workflow_reviews(act: Act) -> None:
    """The job is red, and the comment says why; a second run on it changes nothing."""
    act.check_out("feature")
    act.pull_request("simple/db-recheck.yml")
    assert act.jobs == {"db-recheck": "failure"}, act.log
    (comment,) = comments(act)
    assert "4 blocking findings" in comment
    assert TOKEN not in act.log
    written = len(act.world.writes)
    act.pull_request("simple/db-recheck.yml")
    assert act.jobs == {"db-recheck": "failure"}
    assert len(act.world.writes) == written


def test_main_warms_what_the_next_check_starts_from(act: Act) -> None:
    """And starts the runs of open pull requests with migrations again."""
    from tests.github.double.state import File

    tip = act.job.commit({"migrations/versions/9f_more.py": "revision = '9f'\n"}, branch="later")
    act.world.pulls[7].files = [File("migrations/versions/3c5e1a77_returns.py", None, "added")]
    act.world.runs = {1: Run(1, act.world.pulls[7].head_sha)}
    act.job.check_out(act.job.base)
    push = {"ref": "refs/heads/main", "before": act.job.base, "after": act.job.base}
    act.run("cached/db-recheck-main.yml", "push", push)
    assert act.jobs == {"warm": "success"}, act.log
    assert act.world.runs[1].attempts == 1
    act.job.check_out(tip)
    act.run("cached/db-recheck-main.yml", "push", {**push, "after": tip})
    assert act.world.runs[1].attempts == 2
    act.check_out("feature")
    act.pull_request("cached/db-recheck.yml")
    assert act.jobs == {"db-recheck": "failure"}, act.log
    assert "base, 2 revisions" not in act.log


def test_a_fork_s_pull_request_is_observed_without_rights_and_reported_with_them(
    act: Act,
) -> None:
    """The first workflow writes nothing; the second runs on main and sets the status."""
    head = act.check_out("feature")
    act.world.pulls[7].head_repository = "eve/shop"
    act.world.tokens[TOKEN] = Rights.read_only()
    act.pull_request("fork/db-recheck.yml")
    assert act.jobs == {"observe": "success"}, act.log
    assert act.world.writes == []
    act.world.tokens[TOKEN] = Rights()
    act.job.check_out(act.job.base)
    run = {
        "id": 5,
        "event": "pull_request",
        "conclusion": "success",
        "head_sha": head,
        "head_branch": "moods",
        "head_repository": {"full_name": "eve/shop"},
        "html_url": "https://github.com/acme/shop/actions/runs/5",
    }
    payload: dict[str, Any] = {"action": "completed", "workflow_run": run}
    act.run("fork/db-recheck-report.yml", "workflow_run", payload)
    assert act.jobs == {"report": "failure"}, act.log
    assert states(act) == ["pending", "failure"]
    assert "can forge them" in comments(act)[0]


def test_a_merge_group_is_checked_where_forks_are_observed(act: Act) -> None:
    """The job is then the check of that name, and red is red."""
    head = act.check_out("feature")
    group = {"base_sha": act.job.base, "head_sha": head}
    payload = {"action": "checks_requested", "merge_group": group}
    act.run("fork/db-recheck.yml", "merge_group", payload)
    assert act.jobs == {"observe": "failure"}, act.log
    assert "FAIL  4 blocking findings" in act.log
    assert act.world.writes == []


SERVICE = """    services:
      postgres:
        image: postgres:${{ matrix.postgres }}
        env: {POSTGRES_PASSWORD: postgres}
        options: --health-cmd pg_isready --health-interval 2s --health-retries 30
"""
URL = "          database-url: postgresql://postgres:postgres@postgres:5432/postgres\n"


def without_service() -> str:
    """The matrix workflow on the embedded server: act has service containers with Docker only."""
    text = (ROOT / "docs/workflows/matrix/db-recheck.yml").read_text("utf-8")
    assert SERVICE in text
    assert URL in text
    return text.replace(SERVICE, "").replace(URL, "").replace('"15, 17"', '"18"')


def test_a_matrix_is_planned_observed_and_reported_as_one(act: Act) -> None:
    """One comment of all cells; the job of the required check's name comes last."""
    act.check_out("feature")
    act.pull_request("matrix/db-recheck.yml", without_service())
    assert act.jobs == {"plan": "success", "observe": "success", "db-recheck": "failure"}, act.log
    (comment,) = comments(act)
    assert "4 blocking findings" in comment


def test_a_matrix_of_nothing_is_green(act: Act) -> None:
    """No cell runs, and the last job reports the plan's facts."""
    act.check_out("prose")
    act.pull_request("matrix/db-recheck.yml", without_service())
    assert act.jobs["plan"] == act.jobs["db-recheck"] == "success", act.log
    assert "observe" not in act.jobs
    assert comments(act) == []


def comment(act: Act, body: str) -> None:
    """Somebody comments on the pull request."""
    act.job.check_out(act.job.base)
    account = Rights().account
    act.world.comments[9] = Comment(9, 7, body, account)
    issue = {"number": 7, "state": "open", "pull_request": {"url": f"https://x/{HERE}/7"}}
    payload = {
        "action": "created",
        "issue": issue,
        "comment": {"id": 9, "body": body, "user": {"login": "ada"}},
    }
    act.run("comments/db-recheck-comments.yml", "issue_comment", payload)


def test_a_comment_starts_a_check(act: Act) -> None:
    """On the head, although the job belongs to main."""
    act.check_out("prose")
    comment(act, "/db-recheck")
    assert act.jobs == {"command": "success"}, act.log
    assert states(act) == ["pending", "success"]
    assert [content for _, content in act.world.comments[9].reactions] == ["eyes", "rocket"]


def test_an_ordinary_comment_starts_nothing(act: Act) -> None:
    """Not even a job."""
    act.check_out("prose")
    comment(act, "thank you")
    assert "command" not in act.jobs
    assert act.world.requests == []
