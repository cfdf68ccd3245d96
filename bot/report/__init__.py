"""A verdict in words and pictures: for the terminal, a comment, annotations, and other programs.

Rendering is pure. What one format needs is imported when that format is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.verdict import Verdict


class Format(Enum):
    """What ``--format`` takes."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


@dataclass(frozen=True)
class Display:
    """How a report is to look.

    ``width`` is the terminal's, in columns. ``color`` allows ANSI escapes (a terminal, and no
    ``NO_COLOR`` in the environment). ``rest`` says where the reader finds what did not fit.
    ``limit`` bounds a comment, in bytes of UTF-8: GitHub takes 65,536.
    """

    width: int = 100
    color: bool = False
    rest: str = "`db-recheck check --format json` prints all of it"
    limit: int = 65_000


def render(form: Format, verdict: Verdict, display: Display = Display()) -> str:
    """The report in that format, ending in a newline (unless it is empty)."""
    if form is Format.TEXT:
        from bot.report.text import render_text

        return render_text(verdict, display)
    if form is Format.MARKDOWN:
        from bot.report.markdown import render_markdown

        return render_markdown(verdict, display)
    if form is Format.JSON:
        from bot.report.json_report import render_json

        return render_json(verdict)
    if form is Format.SARIF:
        from bot.report.sarif import render_sarif

        return render_sarif(verdict)
    from bot.report.github import render_github

    return render_github(verdict)
