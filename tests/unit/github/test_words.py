"""Words on lines: bounded, inert, and the same for the same finding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.github import markers, words
from bot.verdict import Judged
from tests.unit.report.cases import FACTS
from tests.unit.report.cases import verdict as case

FINDINGS = [item for name in FACTS for item in case(name).findings]
LIMIT = 65_536  # characters that GitHub takes


@given(st.sampled_from(FINDINGS))
def test_every_comment_fits_and_is_found_again(item: Judged) -> None:
    """Whatever a stranger's names are."""
    for body in (words.line_comment(item), words.file_comment(item)):
        assert len(body.encode()) < LIMIT
        assert markers.finding_of(body) == (item.fingerprint, words.digest_of(item))
        assert "##[" not in body
        assert not any(line.lstrip().startswith("::") for line in body.split("\n"))


def test_a_review_of_any_number_of_findings_fits() -> None:
    """A list that is too long says how many are missing."""
    many = [item for item in FINDINGS for _ in range(40)]
    body = words.review_body(0, many, None)
    assert len(body.encode()) < LIMIT
    assert "more; the job summary has all of them" in body


@given(st.sampled_from(FINDINGS))
def test_an_annotation_is_within_githubs_limits(item: Judged) -> None:
    """Title 255 characters, message 64 KB, the end not before the start."""
    note = words.annotation(item)
    assert len(str(note["title"])) <= 255
    assert len(str(note["message"]).encode()) <= 64 * 1024
    assert str(note["message"])
    assert int(note["end_line"]) >= int(note["start_line"]) >= 1
