"""Commands that a reader may copy into a shell, with names that a stranger chose."""

from __future__ import annotations

import shlex

from bot.wording import block


def commands(*lines: tuple[str, ...]) -> str:
    """A block of shell commands, each given as its words: what needs quotes gets them."""
    return block("\n".join(shlex.join(words) for words in lines), "sh")
