"""Every policy has its docstring, its cases and its page, each under one name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.policy import Policy, policies
from docs.generate import DOCS, pages
from fixtures.build import CASES, cases

ROOT = Path(__file__).parents[3]
GROUPS = ("chain", "data", "locking", "process", "queries", "reversibility", "security")
KNOWN = policies()
IN_GROUPS = [policy for policy in KNOWN if policy.group in GROUPS]
by_id = pytest.mark.parametrize("policy", KNOWN, ids=lambda policy: policy.id)


def source(policy: Policy) -> str:
    """The text of the policy's module."""
    stem = policy.id.replace("-", "_")
    return (ROOT / "bot" / "policies" / policy.group / f"{stem}.py").read_text("utf-8")


@by_id
def test_docstring_says_what_why_and_what_instead(policy: Policy) -> None:
    """What was seen in one sentence, why it hurts, what to do instead, and a reference."""
    doc = ast.get_docstring(ast.parse(source(policy))) or ""
    body, mark, reference = doc.partition("\n\nReference: ")
    assert mark, "the last paragraph begins with 'Reference:'"
    assert len(body.split("\n\n")) == 3, "seen, why, instead: three paragraphs"
    assert re.fullmatch(r"[A-Z][^.]*\.", policy.seen), "what was seen is one sentence"
    assert policy.why.endswith(".")
    assert policy.instead.endswith(".")
    assert re.fullmatch(r"https://\S+(\s+https://\S+)*", reference.strip())


@by_id
def test_policy_is_short_and_imports_facts_alone(policy: Policy) -> None:
    """A policy is read in one sitting and knows nothing of databases, git or reports."""
    text = source(policy)
    assert len(text.splitlines()) <= 130
    imported = re.findall(r"^(?:from|import) ([\w.]+)", text, re.MULTILINE)
    allowed = (
        *("bot.facts", "bot.policy", "bot.wording", "bot.explain", "bot.sql", "bot.source"),
        "bot.waivers",
    )
    assert [
        name for name in imported if name.startswith("bot") and not name.startswith(allowed)
    ] == []


@by_id
def test_what_a_policy_gives_way_to_is_there(policy: Policy) -> None:
    """And does not give way in turn: one of them must speak."""
    named = [item for item in KNOWN if item.id in policy.told_by]
    assert sorted(item.id for item in named) == sorted(policy.told_by)
    assert [item.id for item in named if item.told_by] == []


def test_ids_are_unique() -> None:
    """An id is also a waiver's word, so no two groups may share one."""
    ids = [policy.id for policy in KNOWN]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("policy", IN_GROUPS, ids=lambda policy: policy.id)
def test_policy_has_a_bad_and_a_good_case(policy: Policy) -> None:
    """Each is shown at work, and shown silent on what looks alike; the bad one names it."""
    own = {case.name: case for case in cases() if case.policy == policy.id.replace("-", "_")}
    assert {"bad", "good"} <= own.keys()
    for name, case in own.items():
        said = {line.split(" ")[1] for line in case.findings}
        assert (policy.id in said) if name.startswith("bad") else not said


def test_no_case_is_an_orphan() -> None:
    """Every folder of cases is called after a policy; every case is bad or good and has files."""
    stems = {policy.id.replace("-", "_") for policy in KNOWN}
    assert {path.name for path in CASES.iterdir()} <= stems
    for case in cases():
        assert case.name.startswith(("bad", "good")), case.id
        assert case.layers["head"] or case.delete, f"{case.id} is in expect.toml and has no file"


def test_pages_are_up_to_date() -> None:
    """``make docs`` would change nothing."""
    wanted = pages()
    stale = [
        str(path.relative_to(DOCS))
        for path, text in wanted.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    assert stale == [], "run `make docs`"
    assert set((DOCS / "policies").glob("*.md")) <= wanted.keys(), "a page without a policy"
