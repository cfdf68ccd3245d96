"""How names and values from a stranger's code go into Markdown: one place, so none is missed."""

from __future__ import annotations

import re
from collections.abc import Sized

# Control characters but tab and newline, marks that change the direction of text, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_LINKLIKE = re.compile(
    r"[@#](?=\w)|(?<![a-z0-9])GH(?=\\?-\d)|www(?=\\?\.)|(?:https?|ftp|mailto|xmpp)(?=\\?:)",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"(?:^|(?<=[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]))\s*::|##\[")
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&@:])")


def visible(text: str) -> str:
    """Text without control, bidi and lone surrogate characters (shown as U+FFFD), tabs kept."""
    return _UNSEEN.sub("\ufffd", text)


def code(text: str, limit: int = 200) -> str:
    """A Markdown code span that holds the text on one line, whatever it contains."""
    flat = " ".join(visible(text[: 4 * limit]).split()) or " "
    if len(flat) > limit:
        flat = flat[: limit - 1] + "…"
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def block(text: str, language: str = "", limit: int = 4000) -> str:
    """A fenced Markdown block that holds the text, whatever it contains."""
    shown = visible(text)
    if len(shown) > limit:
        shown = shown[:limit] + "\n…"
    longest = max((len(run) for run in re.findall(r"`{3,}", shown)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def prose(text: str, limit: int = 500) -> str:
    """Text that Markdown and HTML show as it stands: no link, mention, image or tag comes of it."""
    flat = " ".join(visible(text[: 4 * limit]).split())
    if len(flat) > limit:
        flat = flat[: limit - 1] + "…"
    return unlinked(_MARKUP.sub(r"\\\1", flat))


def unlinked(markdown: str) -> str:
    """Markdown text, escaped or not, in which nothing looks like a mention, reference or address.

    GitHub looks for them after Markdown is gone, so a backslash does not stop them: an invisible
    character (U+200B) parts what would be recognised.
    """
    return _LINKLIKE.sub(lambda match: match[0] + "\u200b", markdown)


def inert(output: str) -> str:
    """Output in which a GitHub runner finds no workflow command.

    The runner takes ``::command`` at the start of a line, white space aside, and the older
    ``##[command]`` anywhere in it (actions/runner: ActionCommand.cs).
    """
    return _COMMAND.sub(lambda match: match[0][:-1] + "\u200b" + match[0][-1], output)


def inert_json(document: str) -> str:
    """JSON that means the same and in which a GitHub runner finds no workflow command."""
    for char in "\x85\u2028\u2029":  # ends of lines to some readers; JSON allows them in strings
        document = document.replace(char, f"\\u{ord(char):04x}")
    return document.replace("##[", "#\\u0023[")


def several(names: tuple[str, ...] | list[str], most: int = 5) -> str:
    """Code spans joined as a reader would: `a`, `b` and `c`; the rest counted."""
    spans = [code(name) for name in names[:most]]
    if len(names) > most:
        spans.append(f"{len(names) - most} more")
    *first, last = spans or [""]
    return f"{', '.join(first)} and {last}" if first else last


def verb(subjects: Sized, one: str, more: str) -> str:
    """The form of a verb that goes with so many subjects: `a` is, `a` and `b` are."""
    return one if len(subjects) == 1 else more
