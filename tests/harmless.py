"""What must not be in anything that the bot says, whoever chose the names in it.

Markdown is parsed as GitHub does, so that it is the result that is looked at and not the escaping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

OURS = re.compile(
    r"</?details>|<summary>(?:Warnings and notes in full|Waived \(\d+\)"
    r"|Already so on the base branch, not counted \(\d+\))</summary>|</?sub>"
    r"|<!-- db-recheck [a-z0-9 -]+ -->"
)
# What GitHub's own filters would recognise in text that is not code.
RECOGNISED = re.compile(
    r"@[A-Za-z0-9]|#\d|\bGH-\d|https?://|www\.|(?:mailto|xmpp|ftp):", re.IGNORECASE
)
ALERT = re.compile(r"\s*\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.IGNORECASE)
LANGUAGES = {"", "python", "py", "sql", "toml", "sh", "bash", "text", "ini", "diff", "suggestion"}
COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::")
READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
SPOKEN = {"error", "warning", "notice", "group", "endgroup", "debug"}


def tokens_of(markdown: str) -> list[Token]:
    """Everything that GitHub-flavoured Markdown makes of it, nested or not."""
    return list(_all(READER.parse(markdown)))


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def check_markdown(markdown: str, *, links: tuple[str, ...] = ()) -> None:
    """No image, HTML, mention, alert or diagram, and no link but to those addresses."""
    tokens = tokens_of(markdown)
    within = 0
    for token in tokens:
        within += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(links or ("\0",)), token
        assert token.type != "image", token
        if token.type in ("html_block", "html_inline"):
            assert not OURS.sub("", token.content).strip(), token.content
        if token.type == "fence":
            assert token.info.strip() in LANGUAGES, token.info
        if token.type == "text" and not within:
            assert not RECOGNISED.search(token.content), token.content
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open" and before.level:
            assert not ALERT.match(token.content), token.content
    for inline in (token for token in tokens if token.type == "inline"):
        # An entity or escape is text of its own: what GitHub sees is all of it joined.
        joined = "".join(
            child.content if child.type in ("text", "text_special") else "\0"
            for child in _outside_links(inline.children or [])
        )
        assert not RECOGNISED.search(joined), joined


def _outside_links(tokens: list[Token]) -> Iterator[Token]:
    within = 0
    for token in tokens:
        within += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if not within:
            yield token


def check_runner(output: str) -> None:
    """A runner finds no command in it."""
    assert "##[" not in output
    assert not any(line.strip().startswith("::") for line in output.splitlines())


def check_log(output: str) -> None:
    """A runner finds no command in it but annotations and groups, each on a line of its own."""
    assert "##[" not in output
    for line in output.splitlines():
        if line.strip().startswith("::"):
            found = COMMAND.match(line)
            assert found, line
            assert found["name"] in SPOKEN, line
