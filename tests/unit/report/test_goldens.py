"""The words and pictures that users get, for eight verdicts in five formats."""

from __future__ import annotations

import pytest

from bot.report import Display, Format, render
from tests.conftest import Golden
from tests.unit.report.cases import FACTS, verdict

ENDINGS = {
    Format.TEXT: "txt",
    Format.MARKDOWN: "md",
    Format.JSON: "json",
    Format.SARIF: "sarif",
    Format.GITHUB: "gh",
}


# 300 times the same is worth reading in the one format that leaves things out.
READ = [(case, form) for case in FACTS for form in Format if case != "many"]
READ.append(("many", Format.MARKDOWN))


@pytest.mark.parametrize(("case", "form"), READ)
def test_a_report_reads_as_accepted(case: str, form: Format, golden: Golden) -> None:
    """Every format of every case is what somebody read and accepted."""
    golden(f"{case}.{ENDINGS[form]}", render(form, verdict(case), Display(width=100)))


def test_colours_are_escapes_and_nothing_else(golden: Golden) -> None:
    """With colours the text is the same once the escapes are taken out."""
    import re

    colored = render(Format.TEXT, verdict("fail"), Display(color=True))
    plain = render(Format.TEXT, verdict("fail"), Display())
    assert "\x1b[" in colored
    assert [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colored).split("\n")] == (
        plain.split("\n")
    )
    golden("fail.color.txt", colored)


def test_a_clean_comment_is_short() -> None:
    """Nobody scrolls past a comment that says that all is well."""
    comment = render(Format.MARKDOWN, verdict("clean"))
    assert len(comment.splitlines()) <= 10


@pytest.mark.parametrize("width", [40, 72, 100, 200])
def test_a_location_is_never_broken(width: int) -> None:
    """The start of a finding is path:line on one line, however narrow the terminal."""
    for finding in verdict("fail").counting:
        text = render(Format.TEXT, verdict("fail"), Display(width=width))
        assert f"\n{finding.path}:{finding.line}: " in "\n" + text


@pytest.mark.parametrize("width", [40, 72, 100])
def test_text_keeps_to_the_width(width: int) -> None:
    """Only the lines that hold a location may be longer than the terminal is wide."""
    text = render(Format.TEXT, verdict("fail"), Display(width=width))
    long = [line for line in text.splitlines() if len(line) > width]
    assert all(line.startswith("backend/migrations/") for line in long)
