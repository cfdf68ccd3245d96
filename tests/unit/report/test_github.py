"""Workflow commands are escaped as GitHub's own toolkit escapes them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.report.github import render_github
from bot.verdict import Judged
from tests.unit.report.cases import verdict

FAIL = verdict("fail")


def _rendered(finding: Judged) -> str:
    return render_github(replace(FAIL, findings=(finding,), not_checked=()))


def test_properties_and_message_are_escaped_apart() -> None:
    """A colon and a comma end a property, and mean nothing in the message."""
    finding = replace(
        FAIL.counting[0], path="a,b:c%.py", title="50%: a, b", message="100%\nx: y", remedies=()
    )
    assert _rendered(finding) == (
        "::error file=a%2Cb%3Ac%25.py,line=20,endLine=20,"
        "title=50%25%3A a%2C b (downgrade-residue)::100%25%0Ax: y\n"
    )


def test_waived_and_old_findings_are_not_annotated() -> None:
    """Nobody is nagged on the diff about what does not count."""
    assert "downgrade-residue" not in render_github(verdict("waived"))
    assert "multiple-heads" not in render_github(verdict("waived"))


@given(st.text(), st.text(), st.text(min_size=1))
def test_one_finding_is_one_command(title: str, message: str, path: str) -> None:
    """Whatever a name holds, it neither ends the line nor opens another command."""
    finding = replace(FAIL.counting[0], path=path, title=title, message=message, remedies=())
    out = _rendered(finding)
    assert len(out.splitlines()) == 1
    assert out.startswith("::error file=")
    assert "##[" not in out
    properties = out.split("::")[1].removeprefix("error ").split(",")
    assert [item.split("=")[0] for item in properties] == ["file", "line", "endLine", "title"]
