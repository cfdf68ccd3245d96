"""A report on facts that another job left, and what stands where they or results should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.action.errors import ActionError
from bot.facts.serial import BadFacts, from_json, to_json
from bot.settings import SettingsError
from tests.unit.action.conftest import Job
from tests.unit.action.test_act import prose_only


def test_observing_nothing_leaves_facts_that_a_report_judges(job: Job) -> None:
    """No token on one side, no database on the other."""
    prose_only(job)
    assert job.pull_request(mode="observe") == 0
    assert job.outputs == {"facts": "db-recheck-report/facts.json", "verdict": "skip"}
    hand_over(job, "db-recheck-facts-0")
    assert job.pull_request(mode="report") == 0
    assert job.outputs["verdict"] == "skip"


def hand_over(job: Job, artifact: str) -> Path:
    """What upload-artifact and download-artifact do with the facts."""
    target = job.workspace / "db-recheck-facts" / artifact / "facts.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    (job.workspace / "db-recheck-report" / "facts.json").rename(target)
    return target


def test_a_report_without_facts_is_an_error(job: Job) -> None:
    """What nobody saw is not what is not there."""
    assert job.pull_request(mode="report") == 3
    assert job.outputs["verdict"] == "error"
    assert "no facts file was found" in job.summary


def test_a_cell_of_the_plan_that_left_no_facts_is_missed(job: Job) -> None:
    """The plan's own facts are there; its one job's are not."""
    job.pull_request(mode="plan", postgres="17")
    matrix = job.outputs["matrix"]
    hand_over(job, "db-recheck-facts-plan")
    assert job.pull_request(mode="report", matrix=matrix) == 3
    report = json.loads((job.workspace / job.outputs["report-json"]).read_text())
    (entry,) = report["not_checked"]
    assert entry["what"] == "the project of alembic.ini on PostgreSQL 17"


@pytest.mark.parametrize("matrix", ["{}", "[]", "x", '{"include": [1]}', "[" * 100_000])
def test_a_matrix_that_is_none_is_refused(job: Job, matrix: str) -> None:
    """It is the output of another job."""
    prose_only(job)
    job.pull_request(mode="observe")
    hand_over(job, "a")
    with pytest.raises(BadFacts, match="input matrix"):
        job.pull_request(mode="report", matrix=matrix)


def test_facts_of_another_commit_are_refused(job: Job) -> None:
    """A green run of an older commit, uploaded again, says nothing about this one."""
    prose_only(job)
    job.pull_request(mode="observe")
    path = hand_over(job, "a")
    facts = from_json(path.read_bytes())
    path.write_bytes(to_json(facts).replace(facts.head.encode(), b"d" * 40))
    with pytest.raises(BadFacts, match="is about the commit"):
        job.pull_request(mode="report")
    assert job.outputs["verdict"] == "error"


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"base": 1, "head": []}', b"\xff\xfe"])
def test_facts_that_are_none_are_refused_by_name(job: Job, text: bytes) -> None:
    """The file is named, relative to the workspace."""
    path = job.workspace / "db-recheck-facts" / "a" / "facts.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    with pytest.raises(BadFacts, match=r"^db-recheck-facts/a/facts\.json: "):
        job.pull_request(mode="report")


def test_a_link_among_the_facts_is_not_followed(job: Job) -> None:
    """An artifact could point at any file of the runner."""
    prose_only(job)
    job.pull_request(mode="observe")
    folder = job.workspace / "db-recheck-facts"
    folder.mkdir()
    (folder / "facts.json").symlink_to(job.workspace / "db-recheck-report" / "facts.json")
    assert job.pull_request(mode="report") == 3


@pytest.mark.parametrize("pattern", ["/etc/*", "../x/*.json"])
def test_facts_outside_of_the_workspace_are_refused(job: Job, pattern: str) -> None:
    """The glob is relative to the workspace."""
    with pytest.raises(ActionError, match="inside the workspace"):
        job.pull_request(mode="report", facts=pattern)


def test_the_settings_of_a_report_are_those_of_base(job: Job) -> None:
    """The checkout's own file, which a pull request may rewrite, does not count."""
    prose_only(job)
    job.pull_request(mode="observe")
    hand_over(job, "a")
    (job.workspace / ".db-recheck.toml").write_text("nonsense")
    assert job.pull_request(mode="report") == 0
    job.commit({".db-recheck.toml": "fail-once = true\n"}, branch="main")
    with pytest.raises(SettingsError, match=r"^\.db-recheck\.toml:1: there is no setting"):
        job.pull_request(mode="report")


def test_the_file_that_the_input_config_names_is_base_s(job: Job) -> None:
    """A path in the workspace is a path in the pull request's files."""
    prose_only(job)
    (job.workspace / "own.toml").write_text("fail-on = 'never'\n")
    with pytest.raises(SettingsError, match=r"own\.toml: there is no such file at base"):
        job.pull_request(config="own.toml")
