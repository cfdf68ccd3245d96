"""Under each preset one pull request keeps the standard in silence, and others break it aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.report.parts import parts
from fixtures.review import Reviewer, pull_request_of
from fixtures.standards import Kept, standards
from tests.conftest import Golden


@pytest.mark.parametrize("case", standards(), ids=lambda case: case.id)
def test_the_standard_is_kept_or_each_breach_is_told(
    case: Kept, tmp_path: Path, reviewer: Reviewer, golden: Golden
) -> None:
    """Every finding with its place and weight, and the parts that the preset asks for."""
    verdict = reviewer.review(
        case.build(tmp_path / "repository"),
        settings={"preset": case.preset, **case.settings},
        pull_request=pull_request_of(case.pull_request),
    )
    found = [
        f"{item.severity.value} {item.policy} {item.path}:{item.line}"
        for item in verdict.findings
        if not item.waived
    ]
    assert [entry.what for entry in verdict.not_checked] == list(case.unseen)
    assert sorted(found) == sorted(case.findings)
    assert verdict.verdict.value == ("pass" if case.good else "fail")
    told = ["\n\n".join([f"# {part.title}", *part.diagrams, part.text]) for part in parts(verdict)]
    if told and case.good:
        golden(f"preset.{case.preset}.md", "\n\n".join(told) + "\n")
