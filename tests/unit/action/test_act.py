"""A whole step without a database: what it skips, refuses and plans, and what it leaves behind."""

from __future__ import annotations

import json
import os

import pytest

from bot.action.errors import ActionError
from bot.changes import GitError
from bot.facts.serial import from_json
from bot.settings import SettingsError
from tests.unit.action.conftest import TOKEN, Job


def prose_only(job: Job) -> None:
    """Make the pull request one that touches no migration."""
    head = job.commit({"README.md": "Hello\n"}, branch="prose")
    job.check_out(head)


def test_a_change_without_migrations_is_skipped_and_leaves_everything_a_reader_needs(
    job: Job,
) -> None:
    """Verdict, report, facts, summary and log; exit status 0; nothing else in the workspace."""
    prose_only(job)
    assert job.pull_request() == 0
    assert job.outputs == {
        "verdict": "skip",
        "findings": "0",
        "report-json": "db-recheck-report/report.json",
        "facts": "db-recheck-report/facts.json",
    }
    report = json.loads((job.workspace / job.outputs["report-json"]).read_text())
    assert (report["verdict"], report["head"], report["base"]) == ("skip", job.head, job.base)
    assert "Nothing to check" in job.summary
    assert "README.md" in job.log
    made = sorted(path.name for path in job.workspace.glob("db-recheck-report/*"))
    assert made == ["facts.json", "report.json"]


def test_base_is_fetched_at_its_tip_not_as_the_payload_has_it(job: Job) -> None:
    """A re-run carries the old payload, and base may have moved since."""
    prose_only(job)
    tip = job.commit({"CHANGES.md": "x\n"}, branch="main")
    assert job.pull_request() == 0
    report = json.loads((job.workspace / job.outputs["report-json"]).read_text())
    assert report["base"] == tip


def test_the_token_is_nowhere_when_github_cannot_be_reached(job: Job) -> None:
    """Publishing fails, the verdict stays, and no output, file or line holds the token."""
    prose_only(job)
    assert job.pull_request(token=TOKEN) == 0
    left = [
        path for path in job.workspace.rglob("*") if path.is_file() and ".git" not in path.parts
    ]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in left]
    assert not any(TOKEN in text for text in [job.log, job.summary, str(job.outputs), *texts])
    assert job.outputs["verdict"] == "skip"
    assert "comment: " in job.log


def test_an_event_that_is_not_answered_is_skipped_with_a_sentence(job: Job) -> None:
    """A green step that says what it did not do."""
    assert job.run("schedule", {}) == 0
    assert job.outputs == {"verdict": "skip", "findings": "0"}
    assert "`schedule` is not an event that db-recheck answers" in job.summary
    assert "`schedule`" in job.log


@pytest.mark.parametrize(
    ("event", "payload", "mode"),
    [
        ("pull_request", {"action": "closed"}, "check"),
        ("push", {"ref": "refs/heads/main", "after": "a" * 40}, "observe"),
        ("push", {"ref": "refs/heads/main", "after": "a" * 40}, "plan"),
        (
            "workflow_run",
            {
                "action": "completed",
                "workflow_run": {"event": "pull_request", "id": 1, "head_sha": "a" * 40},
            },
            "check",
        ),
    ],
)
def test_a_mode_that_does_not_fit_the_event_does_nothing(
    job: Job, event: str, payload: dict[str, object], mode: str
) -> None:
    """In a `workflow_run` with its token nothing of the pull request is run."""
    assert job.run(event, payload, mode=mode) == 0
    assert job.outputs["verdict"] == "skip"


def test_pull_request_target_is_an_error_not_a_green_tick(job: Job) -> None:
    """A check that can never see anything must not look as if it had passed."""
    with pytest.raises(ActionError, match="pull_request_target"):
        job.run("pull_request_target", {"action": "opened"})
    assert job.outputs["verdict"] == "error"
    assert "::error title=db-recheck%3A nothing was checked::" in job.log


def test_a_wrong_input_is_told_where_a_reader_looks(job: Job) -> None:
    """Annotation, summary and outputs; a typo gets the name that is near."""
    with pytest.raises(SettingsError, match="did you mean `fail-on`"):
        job.pull_request(fail_om="warn")
    assert job.outputs["verdict"] == "error"
    assert "fail" in job.summary
    with pytest.raises(SettingsError, match="did you mean `observe`"):
        job.pull_request(mode="observer")
    with pytest.raises(SettingsError, match="input fail-on"):
        job.pull_request(fail_on="often")


def test_a_base_that_cannot_be_had_says_what_to_do(job: Job) -> None:
    """An unreachable origin, and a sentence about it that is no command to the runner."""
    job.origin.rename(job.folder / "gone")
    with pytest.raises(GitError, match="fetch-depth"):
        job.pull_request()
    assert job.outputs["verdict"] == "error"


def test_without_an_event_the_command_says_what_to_use(job: Job) -> None:
    """On one's own machine."""
    with pytest.raises(ActionError, match="use `db-recheck check`"):
        job.without_event()


def test_a_plan_is_a_matrix_of_projects_and_versions(job: Job) -> None:
    """Nothing of the target runs; every cell is told the same base."""
    assert job.pull_request(mode="plan", postgres="15, 17,15") == 0
    cells = json.loads(job.outputs["matrix"])["include"]
    assert cells == [
        {"cell": cell, "project": "alembic.ini", "postgres": major, "base": job.base}
        for cell, major in (("0", "15"), ("1", "17"))
    ]
    facts = from_json((job.workspace / job.outputs["facts"]).read_bytes())
    assert (facts.head, facts.projects, facts.nothing) == (job.head, (), None)
    assert "verdict" not in job.outputs


def test_a_plan_of_nothing_is_no_matrix(job: Job) -> None:
    """An empty matrix would fail the workflow: the output is empty, and the facts say why."""
    prose_only(job)
    assert job.pull_request(mode="plan") == 0
    assert job.outputs["matrix"] == ""
    facts = from_json((job.workspace / job.outputs["facts"]).read_bytes())
    assert facts.nothing
    assert job.outputs["verdict"] == "skip"


def test_a_plan_refuses_a_version_that_there_is_not(job: Job) -> None:
    """Before any job is started."""
    with pytest.raises(SettingsError, match="`12` is not a major version"):
        job.pull_request(mode="plan", postgres="12")


def test_a_cache_folder_that_the_commit_holds_is_refused(job: Job) -> None:
    """A pull request could put a database of its own there and have it taken for base's."""
    job.check_out(job.commit({"kept/server/x/entry.json": "{}"}))
    for name in ("kept", "kept/server", "kept/server/x/entry.json/deeper"):
        with pytest.raises(ActionError, match="is part of the repository"):
            job.pull_request(cache_dir=name)


def test_a_cache_folder_behind_a_link_is_refused(job: Job) -> None:
    """A link in the commit leads anywhere."""
    (job.origin / "kept").symlink_to("/tmp")  # noqa: S108 - a link to it, never written through
    job.check_out(job.commit({}))
    with pytest.raises(ActionError, match="kept is part of the repository"):
        job.pull_request(cache_dir="kept/db-recheck")
    with pytest.raises(ActionError, match="inside the workspace"):
        job.pull_request(cache_dir="../kept")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_what_root_leaves_belongs_to_the_owner_of_the_workspace(job: Job) -> None:
    """A later step, which is not root, uploads and deletes it."""
    prose_only(job)
    os.chown(job.workspace, 1234, 1234)
    job.pull_request(cache_dir="kept/db-recheck")
    made = [job.workspace / "kept", *(job.workspace / "kept").rglob("*")]
    made += [job.workspace / "db-recheck-report", *job.workspace.glob("db-recheck-report/*")]
    assert {path.stat().st_uid for path in made} == {1234}


def test_a_results_folder_that_is_a_link_is_refused(job: Job) -> None:
    """A pull request could have root write somewhere else."""
    elsewhere = job.folder / "elsewhere"
    elsewhere.mkdir()
    prose_only(job)
    (job.workspace / "db-recheck-report").symlink_to(elsewhere)
    with pytest.raises(ActionError, match="db-recheck-report"):
        job.pull_request()
    assert list(elsewhere.iterdir()) == []


def test_a_results_file_that_is_a_link_is_replaced(job: Job) -> None:
    """What it pointed to stays as it was."""
    secret = job.folder / "secret"
    secret.write_text("kept")
    prose_only(job)
    (job.workspace / "db-recheck-report").mkdir()
    (job.workspace / "db-recheck-report" / "report.json").symlink_to(secret)
    assert job.pull_request() == 0
    assert secret.read_text() == "kept"
