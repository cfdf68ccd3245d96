"""Facts that were stored, judged again with the policies of the repository's own."""

from __future__ import annotations

import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import run
from fixtures.build import build_custom

WORDS = ("--base", "main", "--head", "feature", "--install", "never", "--format", "json")


@dataclass(frozen=True)
class Checked:
    """A change that was checked: its checkout, its facts, and what the report said."""

    desk: Path
    facts: Path
    report: dict[str, Any]


def told(*words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and JSON report of one command."""
    out, err = io.StringIO(), io.StringIO()
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "")}
    status = run(list(words), environ, Path(), out, err)
    return status, json.loads(out.getvalue() or "{}") | {"stderr": err.getvalue()}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """The change that the docs' samples report."""
    folder = tmp_path_factory.mktemp("judged")
    desk = build_custom(folder / "desk")
    facts = folder / "facts.json"
    status, report = told("check", "--repo", str(desk), *WORDS, "--facts", str(facts))
    assert status == 1
    return Checked(desk, facts, report)


def own(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings of the team's own policies."""
    return [item for item in report["findings"] if item["policy"].startswith("custom-")]


def test_with_a_checkout_the_same_is_found(checked: Checked) -> None:
    """Declared ones and the one in Python."""
    assert len(own(checked.report)) == 5
    status, again = told(
        *("judge", "--repo", str(checked.desk), "--base", "main", "--format", "json"),
        str(checked.facts),
    )
    assert status == 1
    assert again["findings"] == checked.report["findings"]
    assert again["not_checked"] == checked.report["not_checked"]


def test_base_is_read_whatever_is_checked_out(checked: Checked) -> None:
    """A change that is not merged cannot rid itself of them."""
    path = checked.desk / ".db-recheck.toml"
    text = path.read_text()
    path.write_text("")
    try:
        _, again = told(
            "judge", "--repo", str(checked.desk), "--format", "json", str(checked.facts)
        )
    finally:
        path.write_text(text)
    assert own(again) == own(checked.report)


def test_without_one_each_is_told_as_not_run(checked: Checked, tmp_path: Path) -> None:
    """By its id, with what to do; one that the settings switch off is not missed."""
    config = tmp_path / "own.toml"
    config.write_text(
        '[policies]\n"custom-plain-names" = "off"\n'
        '[[custom]]\nname = "audit-columns"\nrequired-columns = ["created_at"]\n'
    )
    _, again = told("judge", "--format", "json", str(checked.facts), "--config", str(config))
    missing = {item["what"]: item for item in again["not_checked"] if "policy" in item["what"]}
    assert missing.keys() == {
        "policy custom-money-without-currency",
        "policy custom-no-float-amounts",
    }
    assert all("was not run" in item["why"] and "--repo" in item["do"] for item in missing.values())
    assert [item["policy"] for item in own(again)] == ["custom-audit-columns"]


def test_what_cannot_be_confined_is_not_run(checked: Checked, tmp_path: Path) -> None:
    """The sandbox of the check: one that does not end is told, and the rest is judged."""
    text = (
        '"""Seen."""\nfrom bot.policy import Severity\nSEVERITY = Severity.WARN\n'
        "def check(facts):\n    open('/etc/db-recheck-was-here', 'w')\n"
    )
    desk = build_custom(tmp_path / "desk", {"rude.py": text})
    _, again = told("judge", "--repo", str(desk), "--format", "json", str(checked.facts))
    (entry,) = (item for item in again["not_checked"] if item["what"] == "policy custom-rude")
    assert "it raised in its line 5" in entry["why"]
    assert not Path("/etc/db-recheck-was-here").exists()
    assert len(own(again)) == 4


def test_a_folder_that_is_no_checkout_is_a_usage_error(checked: Checked, tmp_path: Path) -> None:
    """In a sentence."""
    status, again = told("judge", "--repo", str(tmp_path), str(checked.facts))
    assert status == 2
    assert "is not inside a git checkout" in again["stderr"]
