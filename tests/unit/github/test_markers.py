"""Hidden marks: found where they are ours to be found, and never in the middle of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.github import markers
from bot.report import Format, render
from tests.unit.report.cases import FACTS
from tests.unit.report.cases import verdict as case


@given(st.from_regex(r"[0-9a-f]{16}(-[0-9]{1,3})?", fullmatch=True), st.text(), st.text())
def test_a_mark_tells_its_finding_and_what_was_said(name: str, said: str, body: str) -> None:
    """Written and read again it is the same."""
    mark = markers.finding(name, said)
    assert markers.finding_of(f"{mark}\n{body}") == (name, markers.digest(said))
    assert markers.finding_of(f"> {mark}\n{body}") is None
    assert name in markers.findings_in(f"{body}\n- x {mark}")


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    """A comment of a stranger's holds anything."""
    assert markers.finding_of(text) is None
    assert len(markers.digest(text)) == 12


def test_only_time_and_page_of_a_run_do_not_count_as_a_change() -> None:
    """Every report of two runs that saw the same is settled to the same text."""
    for name in FACTS:
        text = render(Format.MARKDOWN, case(name)) + "[x](https://h/o/r/actions/runs/123)"
        other = text.replace(" · 1.4 s · ", " · 12.0 s · ").replace(" · 0.1 s · ", " · 3.3 s · ")
        later = other.replace("/runs/123", "/runs/4/attempts/2").replace("\n", "\r\n")
        assert markers.settled(text) == markers.settled(later)
        assert markers.settled(text) != markers.settled(text.replace("db-recheck:", "changed:"))
