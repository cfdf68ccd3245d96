"""Every patch that a finding of a fixture carries, applied with git and reviewed again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.facts.schema import Schema
from bot.verdict import Judged, Verdict
from fixtures.build import Case, build, cases
from fixtures.review import Reviewer, pull_request_of
from tests.postgres.conftest import Reviewed

ABOUT_THE_SCHEMA = frozenset({"schema", "security", "models", "tenancy"})  # whose end is wrong
BAD = {case.id: case for case in cases() if case.name.startswith("bad")}


def git(repository: Path, *words: str, patch: str = "") -> None:
    """Run git there, with nothing of the machine's configuration."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(
        ["git", *who, *words],
        cwd=repository,
        env={"GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/local/bin:/usr/bin:/bin"},
        input=patch.encode(),
        check=True,
        capture_output=True,
    )


def schemas(verdict: Verdict) -> list[Schema | None]:
    """What each project's database held in the end, None where nothing ran."""
    return [project.schema for project in verdict.facts.projects]


def patches(verdict: Verdict) -> list[tuple[Judged, str]]:
    """The findings with a patch of theirs."""
    return [
        (finding, remedy.patch)
        for finding in verdict.findings
        for remedy in finding.remedies
        if remedy.patch
    ]


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_patch_mends_what_it_was_offered_for(
    case: Case, tmp_path: Path, reviewer: Reviewer, reviewed: Reviewed
) -> None:
    """It applies, the finding is gone, and the schema ends as it did. Cases without one pass."""
    found = reviewed(case)
    fails = any(each.policy == "failing-upgrade" for each in found.findings)  # no end to compare
    for number, (finding, patch) in enumerate(patches(found)):
        repository = build(case, tmp_path / f"patched-{number}")
        git(repository, "apply", "--index", "-", patch=patch)
        git(repository, "commit", "--quiet", "--message", "As the review says")
        mended = reviewer.review(
            repository,
            settings=case.settings,
            also=(case.policy.replace("_", "-"),),
            pull_request=pull_request_of(case.pull_request),
        )
        left = [each.title for each in mended.findings if each.fingerprint == finding.fingerprint]
        assert left == [], f"{finding.policy} is there after:\n{patch}"
        if finding.group in ABOUT_THE_SCHEMA or fails:
            continue
        pairs = zip(schemas(found), schemas(mended), strict=True)
        assert all(was is None or was == now for was, now in pairs), patch
