"""What a step leaves for the runner: outputs, the job summary, annotations.

Reference: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path

SUMMARY_LIMIT = 1024 * 1024 - 4096  # bytes; the runner drops a summary of more than 1 MiB
SHOWN_EACH = 10  # errors, warnings and notices that a step may show

NAMES = ("verdict", "findings", "report-json", "facts", "comment-url", "matrix")
"""The Action's outputs, as in action.yml."""


class Outputs:
    """The step's command files; without a runner there are none and nothing is kept."""

    def __init__(self, output: Path | None, summary: Path | None) -> None:
        self._output = output
        self._summary = summary

    def set(self, name: str, value: str) -> None:
        """Set an output. The value is a stranger's: its delimiter cannot be guessed."""
        if self._output is None:
            return
        delimiter = f"db-recheck-{secrets.token_hex(16)}"
        with self._output.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")

    def summarise(self, markdown: str) -> None:
        """Add to the job summary, up to what the runner takes."""
        if self._summary is None:
            return
        data = markdown.encode("utf-8", "replace")
        if len(data) > SUMMARY_LIMIT:
            data = data[:SUMMARY_LIMIT].decode("utf-8", "ignore").encode() + "\n\n…\n".encode()
        with self._summary.open("ab") as file:
            file.write(data)


def shown(commands: str) -> tuple[str, int]:
    """The annotations that the page will show, and how many it would drop.

    ``commands`` is one workflow command a line, the most important first.
    """
    kept: list[str] = []
    seen: Counter[str] = Counter()
    for line in commands.splitlines(keepends=True):
        kind = line[2:].partition(" ")[0]
        seen[kind] += 1
        if seen[kind] <= SHOWN_EACH:
            kept.append(line)
    return "".join(kept), seen.total() - len(kept)
