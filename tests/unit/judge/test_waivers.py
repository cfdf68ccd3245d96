"""Waivers: where they count, what becomes of them, and what is said about them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.facts import (
    Change,
    ChangedRevision,
    ConfigurationChange,
    Facts,
    NotChecked,
    Project,
    Source,
)
from bot.judge import judge
from bot.policy import Policy, Severity, policies
from bot.verdict import Judging, Outcome, Verdict
from bot.waivers import Waiver, WaiverState, read_waivers
from tests.unit.judge.test_judge import BLIND, FACTS, finding, policy, raising

OWN = tuple(item for item in policies() if item.group == "waivers")
PATH = "migrations/versions/m.py"


def waivers(text: str) -> tuple[Waiver, ...]:
    """The waivers of that file."""
    return read_waivers([Source(PATH, text, None)])


def verdict(
    text: str, *said: Policy, facts: Facts = FACTS, judging: Judging | None = None
) -> Verdict:
    """The verdict of those policies and the four about waivers, on one changed file."""
    whole = replace(facts, sources=(*facts.sources, Source(PATH, text, None)))
    return judge(whole, judging or Judging(), (*said, *OWN))


def at(line: int) -> Policy:
    """A policy that finds something on that line."""
    return policy(finding(PATH, line), name="table-rewrite")


ALLOW = "# db-recheck: allow table-rewrite: it is small"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        (f"x = 1  {ALLOW}\ny = 2\n", {1}),
        (f"{ALLOW}\nx = 1\ny = 2\n", {1, 2}),
        (f"{ALLOW}\n# another word\nx = 1\ny = 2\n", {1, 2, 3}),
        (f"{ALLOW}\n\nx = 1\n", {1, 2}),
        (f"f(\n    1,  {ALLOW}\n    2,\n)\ny = 2\n", {1, 2, 3, 4}),
        (f"f(\n    {ALLOW}\n    2,\n)\n", {1, 2, 3, 4}),
        (f"{ALLOW}\nf(\n    2,\n)\ny = 2\n", {1, 2, 3, 4}),
        (f"{ALLOW}\n@cache\n@other(\n  1)\ndef f():\n    pass\n", {1, 2, 3, 4, 5}),
        (f"def f():\n    {ALLOW}\n    x = 1\n    y = 2\n", {2, 3}),
        (f"def f():\n    x = '''\n'''  {ALLOW}\n    y = 2\n", {2, 3}),
        (f"x = 1\n\ny = 2\n{ALLOW.replace('allow', 'allow-file')}\n", {1, 2, 3, 4}),
    ],
)
def test_a_waiver_covers_its_statement(text: str, covered: set[int]) -> None:
    """The statement that it stands in or right above, as the module's docstring says."""
    (waiver,) = waivers(text)
    lines = range(1, text.count("\n") + 1)
    assert {line for line in lines if waiver.covers("table-rewrite", PATH, line)} == covered


@pytest.mark.parametrize(
    "text",
    [
        f'x = "{ALLOW}"\n',
        f'"""\n{ALLOW}\n"""\n',
        f'x = f"{ALLOW}"\n',
        "# allow table-rewrite: it is small\n",
        "# dbrecheck: allow table-rewrite: it is small\n",
    ],
)
def test_only_comments_of_ours_are_waivers(text: str) -> None:
    """The same words in a string or a docstring are no waiver, nor are other comments."""
    assert waivers(text) == ()


def test_several_waivers_share_a_place() -> None:
    """Above one statement, or in one comment, beside the comments of other tools."""
    text = (
        "# db-recheck: allow a: one\n# db-recheck: allow b: two\n"
        "x = 1  # noqa: E501  # db-recheck: allow c: three # db-recheck: allow d: four # noqa\n"
    )
    read = waivers(text)
    assert [(item.policy, item.reason) for item in read] == [
        ("a", "one"),
        ("b", "two"),
        ("c", "three"),
        ("d", "four"),
    ]
    assert all(item.covers(item.policy, PATH, 3) for item in read)


@pytest.mark.parametrize(
    ("comment", "state", "reason"),
    [
        ("# db-recheck: allow a: see #12: agreed", WaiverState.UNUSED, "see #12: agreed"),
        ("#db-recheck:allow a:short", WaiverState.UNUSED, "short"),
        ("# db-recheck: allow a", WaiverState.WITHOUT_REASON, ""),
        ("# db-recheck: allow a:   ", WaiverState.WITHOUT_REASON, ""),
        ("# db-recheck: allow a: ...", WaiverState.WITHOUT_REASON, "..."),
        ("# db-recheck: allow a: # noqa: E501", WaiverState.WITHOUT_REASON, ""),
        ("# db-recheck: ignore a: b", WaiverState.MALFORMED, "ignore a: b"),
        ("# db-recheck: allow a, b: c", WaiverState.MALFORMED, "allow a, b: c"),
        ("# db-recheck:", WaiverState.MALFORMED, ""),
    ],
)
def test_a_waiver_is_read_as_written(comment: str, state: WaiverState, reason: str) -> None:
    """With its reason, or with what is wrong with it."""
    (waiver,) = waivers(f"x = 1  {comment}\n")
    assert (waiver.state, waiver.reason) == (state, reason)


def test_a_waived_finding_never_fails_and_stays_visible() -> None:
    """It is in the verdict with the reason and the place of the waiver."""
    result = verdict(f"x = 1\n{ALLOW}\ny = 2\n", at(3))
    assert result.verdict is Outcome.PASS
    (item,) = result.findings
    assert item.waived is not None
    assert (item.waived.reason, item.waived.path, item.waived.line) == ("it is small", PATH, 2)
    assert result.waived == (item,)


def test_a_waiver_covers_neither_other_policies_nor_other_files() -> None:
    """It is about one pattern in one place."""
    other = policy(finding(PATH, 1), name="full-scan", severity=Severity.NOTE)
    elsewhere = policy(finding("other.py", 1), name="table-rewrite")
    result = verdict(f"x = 1  {ALLOW}\n", other, elsewhere)
    assert [item.policy for item in result.counting] == [
        "table-rewrite",
        "unused-waiver",
        "full-scan",
    ]


def test_an_unused_waiver_is_a_finding() -> None:
    """Its policy looked and found nothing there."""
    (item,) = verdict(f"x = 1  {ALLOW}\n", at(7), judging=Judging(fail_on=None)).findings[1:]
    assert (item.policy, item.line, item.severity) == ("unused-waiver", 1, Severity.WARN)


def test_a_waiver_of_a_policy_that_did_not_run_is_not_unused() -> None:
    """Switched off, broken, or blind: nobody knows whether the waiver is needed."""
    text = f"x = 1  {ALLOW}\n"
    off = Judging(severities={"table-rewrite": None})
    assert verdict(text, at(1), judging=off).findings == ()
    broken = replace(policy(name="table-rewrite", severity=Severity.NOTE), check=raising)
    assert [item.policy for item in verdict(text, broken).findings] == ["table-rewrite"]
    blind = replace(FACTS, not_checked=(BLIND,))
    assert verdict(text, at(7), facts=blind).findings[1:] == ()
    assert verdict(text, policy(name="table-rewrite", pack="x")).findings == ()


@pytest.mark.parametrize(("entry", "unused"), [("a/alembic.ini", 1), ("b/alembic.ini", 0)])
def test_what_one_project_missed_says_nothing_of_another(entry: str, unused: int) -> None:
    """A waiver is in doubt when its own project was not seen whole."""
    facts = replace(
        FACTS,
        projects=(Project("a/alembic.ini", "a/migrations"), Project("b/alembic.ini", "migrations")),
        not_checked=(NotChecked("drift", "why", "do", project=entry),),
    )
    result = verdict(f"x = 1  {ALLOW}\n", policy(name="table-rewrite"), facts=facts)
    assert len(result.findings) == unused


def test_a_revision_that_does_the_same_is_not_asked_again() -> None:
    """An old revision with only a docstring edited did not run: its waivers stay."""
    same = ChangedRevision("m", PATH, Change.MODIFIED, same_code=True)
    facts = replace(FACTS, projects=(Project("alembic.ini", "migrations", revisions=(same,)),))
    assert verdict(f"x = 1  {ALLOW}\n", policy(name="table-rewrite"), facts=facts).findings == ()


def test_an_unknown_policy_is_named_with_the_nearest() -> None:
    """A slip of the pen is put right."""
    (item,) = verdict(
        "x = 1  # db-recheck: allow table-rewrit: x\n", policy(name="table-rewrite")
    ).findings
    assert item.policy == "unknown-waiver"
    assert "`table-rewrite`" in item.message
    assert "allow table-rewrite: x" in item.remedies[0].text


def test_a_waiver_without_reason_allows_nothing() -> None:
    """The finding counts, and so does the waiver."""
    result = verdict("x = 1  # db-recheck: allow table-rewrite\n", at(1))
    assert result.verdict is Outcome.FAIL
    assert [item.policy for item in result.counting] == ["table-rewrite", "waiver-without-reason"]


def test_a_fault_that_base_has_is_not_introduced() -> None:
    """An old malformed waiver in a changed file is not this change's fault."""
    text = "x = 1  # db-recheck: allow nonsense: x\n"
    facts = replace(FACTS, sources=(Source(PATH, "y = 0\n" + text, text),))
    (item,) = judge(facts, Judging(), OWN).findings
    assert (item.policy, item.introduced) == ("unknown-waiver", False)


def test_a_loosened_setting_is_reported() -> None:
    """Whether it was used or not; a tightened one is not."""
    facts = replace(
        FACTS,
        configuration=(
            ConfigurationChange("pyproject.toml", 7, "fail-on", "block", "never", weakens=True),
            ConfigurationChange("pyproject.toml", 8, "strict", "false", "true", weakens=False),
        ),
    )
    (item,) = judge(facts, Judging(), OWN).findings
    assert (item.policy, item.path, item.line) == ("check-weakened", "pyproject.toml", 7)
    assert "goes from `block` to `never`" in item.message
    assert "goes by base's value, `block`" in item.message
    used = replace(facts, configuration=(replace(facts.configuration[0], used=True),))
    assert "trust-head = true" in judge(used, Judging(), OWN).findings[0].message


@given(st.text())
@example("def f(:\n" + ALLOW)
@example("x = '''\n" + ALLOW)
@example("\0" + ALLOW)
@example("  x\n y\n" + ALLOW)
@example(ALLOW + "\n@a")
@example(ALLOW.replace(" ", "\t") + "\r\nx\r\n")
def test_any_text_can_be_read(text: str) -> None:
    """A file that is no Python costs its waivers at most."""
    for waiver in waivers(text + "\n" + ALLOW + "\n" + text):
        assert 1 <= waiver.first <= waiver.line <= waiver.last or waiver.first <= waiver.last


def test_waivers_before_a_syntax_error_count() -> None:
    """What stands above the bad place was read."""
    (waiver,) = waivers(f"x = 1  {ALLOW}\ny = (\n")
    assert waiver.covers("table-rewrite", PATH, 1)


def test_a_file_full_of_waivers_is_read_in_no_time() -> None:
    """Reading is linear: 20,000 waivers are no burden."""
    read = waivers(f"x = 1  {ALLOW}\n" * 20_000)
    assert len(read) == 20_000
    assert read[-1].first == 20_000
