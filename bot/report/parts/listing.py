"""Lists that end before the reader does."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 30  # lines of one list


def bullets(lines: Sequence[str], most: int = MOST) -> str:
    """A Markdown list; what does not fit is counted."""
    shown = [f"- {line}" for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"- and {len(lines) - most} more")
    return "\n".join(shown)
