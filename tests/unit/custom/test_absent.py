"""Policies that facts name and no tree has: facts may be a stranger's."""

from __future__ import annotations

from dataclasses import replace

from bot.custom.absent import absent_policies, named_policies
from bot.facts import Change, ChangedRevision, Facts, Project, Source
from bot.judge import judge
from bot.verdict import Judging, Outcome

REVISION = ChangedRevision("b2", "migrations/b2.py", Change.ADDED)
PROJECT = Project("alembic.ini", "m", revisions=(REVISION,))
TEXT = "# db-recheck: allow-file custom-x: it is fine\n"
FACTS = Facts(
    base="b",
    head="h",
    projects=(PROJECT,),
    sources=(Source("migrations/b2.py", None, TEXT),),
    own=("custom-x", "custom-y"),
)


def test_each_is_told_and_its_waiver_is_neither_unknown_nor_unused() -> None:
    """It may be needed where the policy runs."""
    absent = absent_policies(FACTS, {"custom-y"})
    assert [policy.id for policy in absent] == ["custom-x"]
    verdict = judge(FACTS, Judging(own=absent))
    assert "policy custom-x" in {item.what for item in verdict.not_checked}
    assert not {"unknown-waiver", "unused-waiver"} & {item.policy for item in verdict.findings}
    assert verdict.verdict is Outcome.ERROR


def test_one_that_is_off_is_not_missed() -> None:
    """By the settings."""
    off = Judging(own=absent_policies(FACTS, ()), severities={"custom-x": None, "custom-y": None})
    assert not judge(FACTS, off).not_checked


def test_nothing_to_check_needs_none() -> None:
    """A skip stays one."""
    idle = replace(FACTS, projects=(), nothing="Nothing to check.")
    assert judge(idle, Judging(own=absent_policies(idle, ()))).verdict is Outcome.SKIP


def test_only_what_can_be_an_id_is_taken() -> None:
    """And no more than a hundred of them."""
    words = (
        "failing-upgrade",
        "custom-",
        "custom-<b>",
        "custom-a\n::error::",
        "custom-" + "x" * 200,
    )
    assert named_policies(replace(FACTS, own=words)) == ()
    many = tuple(f"custom-{number}" for number in range(1000))
    assert len(named_policies(replace(FACTS, own=many))) == 100
