"""Every miniature pull request, made into a git repository and reviewed.

A policy is proved by its ``bad…`` cases being reported, at these places and in these words, and by
its ``good…`` cases passing every policy there is. The advice of the groups ``locking`` and ``data``
is another way to the same schema, which is held against what the database held at the end. Two
cases of each group are also reviewed through the command line, with a server and an interpreter of
their own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.policy import policies
from bot.verdict import Verdict
from fixtures.build import Case, build, build_demo, cases
from tests.conftest import Golden
from tests.postgres.conftest import Reviewed

ROOT = Path(__file__).parents[3]
OPTIONS = ("--base", "main", "--head", "feature", "--install", "never", "--format", "json")
EXIT = {"pass": 0, "skip": 0, "fail": 1, "error": 3}
CASES = {case.id: case for case in cases()}
SAME_END = ("locking", "data")
GROUPS = {policy.id.replace("-", "_"): policy.group for policy in policies()}
CORE = {policy.id.replace("-", "_") for policy in policies() if policy.pack == "core"}


def by_command_line(repository: Path) -> dict[str, Any]:
    """The JSON report of ``db-recheck check`` on the repository's feature branch."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", *OPTIONS, "--repo", str(repository)],
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


def told(verdict: Verdict) -> Iterator[str]:
    """The findings as Markdown, remedies and patches included."""
    for item in verdict.findings:
        yield f"# {item.title}\n\n{item.path}:{item.line} {item.policy}\n\n{item.message}"
        for remedy in item.remedies:
            yield f"## {remedy.title}"
            yield from filter(None, (remedy.text, remedy.trade_off and f"But: {remedy.trade_off}"))
            if remedy.patch:
                yield f"```diff\n{remedy.patch.rstrip()}\n```"


def untimed(text: str) -> str:
    """The words without estimated times: another machine takes another one."""
    number = r"[\d.,]+(?: (?:s|min|h|days))?"
    text = re.sub(rf"about {number} \({number}\u2013{number}\)", "about … (…\u2013…)", text)
    text = re.sub(rf"for about {number}$", "for about …", text, flags=re.MULTILINE)
    return re.sub(r"some [\d,]+ writes", "some … writes", text)


def end(verdict: Verdict) -> object:
    """What the database held after the change, in an order that does not depend on the way."""
    (project,) = verdict.facts.projects
    assert project.schema is not None
    return in_order(asdict(project.schema))


def in_order(value: Any) -> Any:
    """The same without the positions of columns; what has a name is sorted by it."""
    if isinstance(value, dict):
        return {key: in_order(item) for key, item in value.items() if key != "position"}
    if not isinstance(value, tuple):
        return value
    items = [in_order(item) for item in value]
    named = all(isinstance(item, dict) and "name" in item for item in items)
    return sorted(items, key=lambda item: str(item["name"])) if named else items


def one_of_each_group() -> Iterator[Case]:
    """The cases ``bad`` and ``good`` of each group's first policy that is always on."""
    for group in sorted(set(GROUPS.values())):
        stems = [stem for stem in CORE if GROUPS[stem] == group and f"{stem}/bad" in CASES]
        for name in ("bad", "good") if stems else ():
            yield CASES[f"{min(stems)}/{name}"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_pull_request_gets_its_verdict(case: Case, reviewed: Reviewed, golden: Golden) -> None:
    """The verdict, every finding with its place and weight, and the words are the expected ones."""
    verdict = reviewed(case)
    found = [
        f"{item.severity.value} {item.policy} {item.path}:{item.line}"
        for item in verdict.findings
        if not item.waived
    ]
    unseen = [entry.what for entry in verdict.not_checked]
    seen = (verdict.verdict.value, sorted(found), sorted(unseen))
    assert seen == (case.verdict, sorted(case.findings), sorted(case.unseen))
    if found:
        golden(f"{case.policy}.{case.name}.md", untimed("\n\n".join(told(verdict))) + "\n")


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES.values()
        if GROUPS.get(case.policy) in SAME_END and case.name.startswith("bad")
    ],
    ids=lambda case: case.id,
)
def test_bad_and_good_end_in_the_same_schema(case: Case, reviewed: Reviewed) -> None:
    """Unless expect.toml says why they do not; then they do not, or the reason is an old one."""
    good = CASES.get(f"{case.policy}/{case.name.replace('bad', 'good')}")
    ends = [end(reviewed(each)) for each in (case, good or CASES[f"{case.policy}/good"])]
    if case.same_schema is None:
        assert ends[0] == ends[1]
    else:
        assert ends[0] != ends[1], f"not so: {case.same_schema}"


@pytest.mark.parametrize("case", tuple(one_of_each_group()), ids=lambda case: case.id)
def test_command_line_comes_to_the_same_verdict(case: Case, tmp_path: Path) -> None:
    """What the other tests share (a server, an interpreter) changes nothing."""
    report = by_command_line(build(case, tmp_path / "repository"))
    found = [
        f"{item['severity']} {item['policy']} {item['path']}:{item['line']}"
        for item in report["findings"]
        if not item["waived"]
    ]
    unseen = [entry["what"] for entry in report["not_checked"]]
    seen = (report["verdict"], sorted(found), sorted(unseen))
    assert seen == (case.verdict, sorted(case.findings), sorted(case.unseen))


def test_demo_shows_a_broken_downgrade_and_a_type_left_behind(tmp_path: Path) -> None:
    """The pull request of ``make demo`` has one good revision and two with faults of each kind."""
    report = by_command_line(build_demo(tmp_path / "shop"))
    assert report["verdict"] == "fail"
    assert sorted((item["policy"], item["revision"]) for item in report["findings"]) == [
        ("constraint-index-built-in-place", "5e9a60c3"),
        ("downgrade-residue", "3c5e1a77"),
        ("failing-downgrade", "5e9a60c3"),
        ("failing-reupgrade", "3c5e1a77"),
        ("upgrade-fails-on-rows", "5e9a60c3"),
    ]
