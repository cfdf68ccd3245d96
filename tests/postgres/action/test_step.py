"""Whole steps on an embedded PostgreSQL: the gate, the two halves of a review, the warm cache."""

from __future__ import annotations

import json
from typing import Any

from bot.facts.serial import from_json
from tests.unit.action.conftest import RUNNERS_OWN, TOKEN, Job

SPY = """
import os, pathlib
from sqlalchemy import text

dump = "\\n".join(f"{name}={value}" for name, value in os.environ.items())
dump += "\\n" + "\\n".join(
    path.read_bytes().decode("utf-8", "replace")
    for path in pathlib.Path("/proc").glob("[0-9]*/environ")
    if os.access(path, os.R_OK)
)
for secret in ("TOKEN", "runtime-secret", "oidc.example"):
    if secret in dump:
        raise SystemExit(f"a secret is in reach: {secret}")
"""


def report(job: Job) -> dict[str, Any]:
    """The JSON report that the step left."""
    found: dict[str, Any] = json.loads((job.workspace / job.outputs["report-json"]).read_text())
    return found


def test_a_check_is_the_gate_and_its_parts_agree(job: Job) -> None:
    """Exit status 1, the outputs, ten annotations at most, the summary."""
    assert job.pull_request() == 1
    assert job.outputs["verdict"] == "fail"
    assert job.outputs["findings"] == str(len(report(job)["findings"])) == "5"
    assert job.log.count("::error file=migrations/versions/") == 4
    assert "### ❌ db-recheck: 4 blocking findings" in job.summary


def test_fail_on_is_an_input(job: Job) -> None:
    """The same findings, and a green job."""
    assert job.pull_request(fail_on="never") == 0
    assert job.outputs["findings"] == "5"


def test_facts_that_one_job_saw_are_judged_by_another_as_if_it_had_seen_them(job: Job) -> None:
    """The observing half has no token, and a green job whatever it saw."""
    job.pull_request()
    together = report(job)
    assert job.pull_request(mode="plan") == 0
    matrix = job.outputs["matrix"]
    cell = json.loads(matrix)["include"][0]
    assert job.pull_request(mode="observe", projects=cell["project"], base=cell["base"]) == 0
    assert set(job.outputs) == {"facts"}
    folder = job.workspace / "db-recheck-facts" / "db-recheck-facts-0"
    folder.mkdir(parents=True)
    (job.workspace / job.outputs["facts"]).rename(folder / "facts.json")
    assert job.pull_request(mode="report", matrix=matrix) == 1
    apart = report(job)
    assert apart["findings"] == together["findings"]
    assert (apart["verdict"], apart["not_checked"]) == ("fail", together["not_checked"])


def test_no_secret_reaches_the_target_s_code(job: Job) -> None:
    """Neither in its own environment nor in that of a process that it can read."""
    env_py = (job.origin / "migrations" / "env.py").read_text()
    spy = SPY.replace("TOKEN", TOKEN)
    job.check_out(job.commit({"migrations/env.py": spy + env_py}))
    assert job.pull_request(token=TOKEN) == 1
    assert "a secret is in reach" not in job.log
    (project,) = report(job)["projects"]
    assert project["environment"] == "project"
    assert all(secret not in job.log for secret in (TOKEN, *RUNNERS_OWN.values()))


def test_a_push_to_main_leaves_the_database_that_the_next_check_starts_from(job: Job) -> None:
    """It is no verdict; and the next pull request does not build base again."""
    head, job.head = job.head, job.base
    job.check_out(job.base)
    push = {"ref": "refs/heads/main", "before": "0" * 40, "after": job.base}
    assert job.run("push", push, cache_dir=".kept") == 0
    assert job.outputs == {"verdict": "skip", "findings": "0"}
    assert "ready for the next check: alembic.ini" in job.summary
    job.check_out(head)
    assert job.pull_request(cache_dir=".kept") == 1
    facts = from_json((job.workspace / job.outputs["facts"]).read_bytes())
    assert facts.projects[0].base_state.cached
