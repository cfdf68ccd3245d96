"""Facts of a fork's run become a word on its exact head; a moved base checks others anew."""

from __future__ import annotations

import pytest

from tests.github import test_action_speaks as steps
from tests.github.conftest import TOKEN
from tests.github.double.state import Pull, Rights, Run, World
from tests.github.test_action_speaks import FORK, HERE, answers, states
from tests.unit.action.conftest import Job

job = steps.job
scene = steps.scene


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
