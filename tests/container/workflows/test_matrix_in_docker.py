"""The matrix workflow as users run it: the image, and PostgreSQL in service containers."""

from __future__ import annotations

from tests.workflows.conftest import ROOT, Act

SERVICES = "    services:\n"


def test_two_versions_in_service_containers_make_one_report(contained: Act) -> None:
    """Both cells see the same, so nothing is said of versions; the last job is the gate."""
    act = contained
    text = (ROOT / "docs/workflows/matrix/db-recheck.yml").read_text("utf-8")
    # GitHub puts a container action into the network of the services; act does so in such a job.
    mount = f"--volume {act.artifacts}:{act.artifacts}"
    container = f"    container: {{image: act-runner, options: {mount!r}}}\n"
    text = text.replace(SERVICES, container + SERVICES)
    assert text.count("image: act-runner") == 1
    act.pull_request("matrix/db-recheck.yml", text)
    assert act.jobs.get("plan") == act.jobs.get("observe") == "success", act.log
    assert act.jobs["db-recheck"] == "failure", act.log
    assert "4 blocking findings" in act.log, act.log
    assert "(service)" in act.log, act.log
