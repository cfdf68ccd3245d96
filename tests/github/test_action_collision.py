"""A whole step that asks GitHub about the pull request: what it says reaches the policies."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.facts import OtherPullRequest, OtherRevision, PullRequest
from bot.facts.serial import from_json, to_json
from tests.github import test_action_hand_over as steps
from tests.github.conftest import TOKEN
from tests.github.double.state import File, Pull, World
from tests.github.test_action_speaks import FORK
from tests.unit.action.conftest import Job

job = steps.job
scene = steps.scene
POLICY = "open-pull-request-collision"
TEXT = 'revision = "8e"\ndown_revision = "2b7d90f1"\n'


def told(job: Job) -> list[str]:
    """The titles of the findings about other pull requests."""
    report = json.loads((job.workspace / job.outputs["report-json"]).read_text())
    return [item["title"] for item in report["findings"] if item["policy"] == POLICY]


def test_another_pull_request_on_the_same_parent_is_told(job: Job, scene: World) -> None:
    """The shop's change has three revisions; the first one's parent is the other's too."""
    feature = job.commit({}, branch="feature")
    job.check_out(feature)
    scene.pulls[7].head_sha = feature
    added = File("migrations/versions/8e_gifts.py", None, "added", text=TEXT)
    scene.pulls[8] = Pull(8, "8" * 40, FORK, [added], title="Gifts")
    assert job.pull_request(token=TOKEN) == 1
    assert told(job) == ["#8 adds a revision on `2b7d90f1` too"]


def test_what_a_fork_says_of_other_pull_requests_is_not_believed(job: Job, scene: World) -> None:
    """Its facts are judged with GitHub's own answer in the place of theirs."""
    scene.pulls[7].head_sha = job.commit({}, branch="feature")
    head = steps.observe(job, scene)
    path = job.workspace / "db-recheck-facts" / "facts.json"
    revision = OtherRevision("migrations/versions/9f_forged.py", "9f", ("2b7d90f1",))
    forged = PullRequest(7, others=(OtherPullRequest(9, "Forged", "forged", (revision,)),))
    path.write_bytes(to_json(replace(from_json(path.read_bytes()), pull_request=forged)))
    assert steps.finished(job, head) == 1
    assert told(job) == []
