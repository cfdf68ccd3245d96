"""A comment fits into what GitHub takes, and says what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.facts import NotChecked
from bot.report import Display, Format, render
from bot.verdict import Waived
from tests.unit.report.cases import EVIL, verdict


def test_findings_that_do_not_fit_are_counted() -> None:
    """Of 600 findings those in full and those left out make 600, and the reader is told where."""
    comment = render(Format.MARKDOWN, verdict("many"), Display(rest="the job's log has all"))
    full = comment.count("\n#### ")
    left = re.search(r"\*\*(\d+) findings are not shown in full here", comment)
    assert left is not None
    assert full + int(left[1]) == len(verdict("many").counting) == 600
    assert "the job's log has all" in comment
    assert full > 20


def test_the_least_severe_are_left_out_first() -> None:
    """While a blocking finding is left out, no note is shown in full."""
    comment = render(Format.MARKDOWN, verdict("many"))
    assert "#### 🛑" in comment
    assert "#### 💬" not in comment


@pytest.mark.parametrize("limit", [20_000, 65_000])
def test_a_comment_stays_below_the_limit_whatever_it_holds(limit: int) -> None:
    """Each part is bounded: findings, waived and old ones, things not checked, revisions."""
    many = verdict("many")
    evil = tuple(
        replace(item, path=EVIL, title=EVIL, message=EVIL, revision=EVIL) for item in many.findings
    )
    waived = tuple(replace(item, waived=Waived(EVIL, EVIL, 3)) for item in evil)
    old = tuple(replace(item, introduced=False) for item in evil)
    full = replace(
        many,
        summary=EVIL,
        findings=evil + waived + old,
        not_checked=(NotChecked(EVIL, EVIL, EVIL),) * 500,
        facts=replace(many.facts, projects=verdict("hostile").facts.projects * 200),
    )
    comment = render(Format.MARKDOWN, full, Display(limit=limit))
    assert len(comment.encode()) < limit
    assert comment.count("\n<details>\n") == comment.count("\n\n</details>\n") == 2
    assert comment.endswith("</sub>\n")
