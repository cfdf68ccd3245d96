"""Annotations: workflow commands of GitHub Actions, one line a finding. Pure.

Reference: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from bot.facts import NotChecked
from bot.markup import plain
from bot.policy import Severity
from bot.verdict import Judged, Verdict
from bot.wording import visible

COMMANDS = {Severity.BLOCK: "error", Severity.WARN: "warning", Severity.NOTE: "notice"}
LIMIT = 4000  # characters of a message: the page shows no more of it than fits beside the code


def render_github(verdict: Verdict) -> str:
    """A command for each finding that counts and each thing not checked; empty when all is well."""
    lines = [_finding(item) for item in verdict.counting]
    lines += [_not_checked(entry) for entry in verdict.not_checked]
    return "".join(f"{line}\n" for line in lines)


def _finding(item: Judged) -> str:
    message = plain(item.message)
    fix = "; or: ".join(plain(remedy.title) for remedy in item.remedies)
    where = {
        "file": item.path,
        "line": str(item.line),
        "endLine": str(item.end_line),
        "title": f"{' '.join(plain(item.title).split())} ({item.policy})",
    }
    told = f"{message}\n\nWhat to do: {fix}" if fix else message
    return _command(COMMANDS[item.severity], where, told)


def _not_checked(entry: NotChecked) -> str:
    title = f"Not checked: {' '.join(plain(entry.what).split())}"
    why, do = plain(entry.why), plain(entry.do)
    command = "error" if entry.fatal else "warning"
    return _command(command, {"title": title}, f"{why}\n\nWhat to do: {do}")


def _command(name: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    shown = message if len(message) <= LIMIT else message[:LIMIT] + "…"
    return f"::{name} {told}::{_data(shown)}"


def _data(text: str) -> str:
    """Escaped as actions/toolkit does (``escapeData``), and without the older command's sign."""
    safe = visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return safe.replace("##[", "##\u200b[").replace("\u2028", " ").replace("\u2029", " ")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
