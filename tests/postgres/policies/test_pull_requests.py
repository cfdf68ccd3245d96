"""Every miniature pull request, made into a git repository and reviewed through the command line.

A policy is proved by its ``bad…`` cases being reported, at these places and in these words, and by
its ``good…`` cases passing every policy there is.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.facts.serial import from_json
from bot.judge import judge
from bot.verdict import Judging
from fixtures.build import Case, build, build_demo, cases
from tests.conftest import Golden

ROOT = Path(__file__).parents[3]
OPTIONS = ("--base", "main", "--head", "feature", "--install", "never", "--format", "json")
EXIT = {"pass": 0, "skip": 0, "fail": 1, "error": 3}


def review(repository: Path, facts: Path) -> dict[str, Any]:
    """The JSON report of ``db-recheck check`` on the repository's feature branch."""
    files = ("--repo", str(repository), "--facts", str(facts))
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", *OPTIONS, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode in EXIT.values(), done.stderr
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert EXIT[report["verdict"]] == done.returncode
    return report


def told(facts: Path) -> Iterator[str]:
    """The findings as Markdown, remedies and patches included."""
    for item in judge(from_json(facts.read_bytes()), Judging()).findings:
        yield f"# {item.title}\n\n{item.path}:{item.line} {item.policy}\n\n{item.message}"
        for remedy in item.remedies:
            yield f"## {remedy.title}"
            yield from filter(None, (remedy.text, remedy.trade_off and f"But: {remedy.trade_off}"))
            if remedy.patch:
                yield f"```diff\n{remedy.patch.rstrip()}\n```"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_pull_request_gets_its_verdict(case: Case, tmp_path: Path, golden: Golden) -> None:
    """The verdict, every finding with its place and weight, and the words are the expected ones."""
    facts = tmp_path / "facts.json"
    report = review(build(case, tmp_path / "repository"), facts)
    found = [
        f"{item['severity']} {item['policy']} {item['path']}:{item['line']}"
        for item in report["findings"]
    ]
    unseen = [entry["what"] for entry in report["not_checked"]]
    seen = (report["verdict"], sorted(found), sorted(unseen))
    assert seen == (case.verdict, sorted(case.findings), sorted(case.unseen))
    if found:
        golden(f"{case.policy}.{case.name}.md", "\n\n".join(told(facts)) + "\n")


def test_demo_shows_a_broken_downgrade_and_a_type_left_behind(tmp_path: Path) -> None:
    """The pull request of ``make demo`` has one good revision and two with faults of each kind."""
    report = review(build_demo(tmp_path / "shop"), tmp_path / "facts.json")
    assert report["verdict"] == "fail"
    assert sorted((item["policy"], item["revision"]) for item in report["findings"]) == [
        ("downgrade-residue", "3c5e1a77"),
        ("failing-downgrade", "5e9a60c3"),
        ("failing-reupgrade", "3c5e1a77"),
    ]
