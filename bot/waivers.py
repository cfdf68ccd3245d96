"""Waivers: comments in the change's own files that allow a finding, with a reason.

``# db-recheck: allow <policy-id>: <reason>`` covers the statement it stands in or right above: any
physical line of a statement that spans several, and a function together with its decorators.
Several waivers may stand above one statement. ``# db-recheck: allow-file <policy-id>: <reason>``
covers its whole file. Only comments count: the same words in a string or docstring do not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from bot.facts import Source

_MARK = re.compile(r"#\s*db-recheck\s*:")
_ALLOW = re.compile(r"\s*(allow|allow-file)\s+([A-Za-z0-9_-]+)\s*(?::(.*))?$", re.DOTALL)
_OTHER_PRAGMA = re.compile(
    r"\s*#\s*(noqa|type:|nosec|pragma|pylint|pyright|fmt:|isort:).*", re.DOTALL
)


class WaiverState(Enum):
    """What became of a waiver."""

    USED = "used"
    UNUSED = "unused"
    NOT_RUN = "not run"  # its policy is off, failed, or did not see this file
    UNKNOWN = "unknown"  # no policy has that id
    WITHOUT_REASON = "without reason"
    MALFORMED = "malformed"  # begins like a waiver and is none


@dataclass(frozen=True)
class Waiver:
    """One waiver as written.

    ``first`` and ``last`` are the lines that it covers, counted from 1, both included; a
    ``whole_file`` one covers all. ``policy`` is empty and ``reason`` is the text as written when
    the comment is malformed.
    """

    policy: str
    reason: str
    path: str
    line: int
    first: int
    last: int
    whole_file: bool = False
    state: WaiverState = WaiverState.UNUSED

    def covers(self, policy: str, path: str, line: int) -> bool:
        """Whether it allows what that policy says about that place."""
        return (
            self.policy == policy
            and self.path == path
            and self.state in (WaiverState.USED, WaiverState.UNUSED, WaiverState.NOT_RUN)
            and (self.whole_file or self.first <= line <= self.last)
        )


@dataclass(frozen=True)
class Waivers:
    """Every waiver of the change with its state, and the ids that one could have meant."""

    items: tuple[Waiver, ...] = ()
    policies: frozenset[str] = frozenset()

    def covering(self, policy: str, path: str, line: int) -> Waiver | None:
        """The waiver that allows it, the narrowest first; None when there is none."""
        fitting = [item for item in self.items if item.covers(policy, path, line)]
        return min(fitting, key=lambda item: (item.whole_file, -item.line), default=None)

    def in_state(self, state: WaiverState) -> Iterator[Waiver]:
        """Those in that state, in the order of files and lines."""
        return (item for item in self.items if item.state is state)


def read_waivers(sources: Iterable[Source]) -> tuple[Waiver, ...]:
    """The waivers in the head's Python files; used and unused ones are not told apart yet."""
    return tuple(
        waiver
        for source in sources
        if source.head and source.path.endswith((".py", ".pyi"))
        for waiver in _in_file(source.path, source.head)
    )


def settle(
    waivers: Iterable[Waiver],
    known: Collection[str],
    unseen: Collection[tuple[str, str]],
    used: Collection[tuple[str, int, str]],
) -> Waivers:
    """Waivers with their states.

    ``known`` are the ids of all policies, ``unseen`` the pairs (policy, path) that were not looked
    at, ``used`` the triples (path, line, policy) of waivers that covered a finding.
    """
    return Waivers(
        tuple(replace(waiver, state=_state(waiver, known, unseen, used)) for waiver in waivers),
        frozenset(known),
    )


def _state(
    waiver: Waiver,
    known: Collection[str],
    unseen: Collection[tuple[str, str]],
    used: Collection[tuple[str, int, str]],
) -> WaiverState:
    if waiver.state is not WaiverState.UNUSED:
        return waiver.state
    if waiver.policy not in known:
        return WaiverState.UNKNOWN
    if (waiver.path, waiver.line, waiver.policy) in used:
        return WaiverState.USED
    if (waiver.policy, waiver.path) in unseen:
        return WaiverState.NOT_RUN
    return WaiverState.UNUSED


def _in_file(path: str, text: str) -> Iterator[Waiver]:
    if not _MARK.search(text):  # tokenizing costs more than looking
        return
    comments, statements = _scan(text)
    own_lines = {line for line, _, alone in comments if alone}
    for line, comment, alone in comments:
        waivers = _MARK.split(comment)[1:]
        if waivers:
            first, last = _covered(line, statements, own_lines, alone=alone)
            yield from (_parse(words, path, line, first, last) for words in waivers)


def _parse(words: str, path: str, line: int, first: int, last: int) -> Waiver:
    match = _ALLOW.match(words)
    if match is None:
        return Waiver("", words.strip(), path, line, first, last, state=WaiverState.MALFORMED)
    verb, policy, rest = match.groups()
    reason = " ".join(_OTHER_PRAGMA.sub("", rest or "").split())
    return Waiver(
        policy=policy,
        reason=reason,
        path=path,
        line=line,
        first=first,
        last=last,
        whole_file=verb == "allow-file",
        state=WaiverState.UNUSED if re.search(r"\w", reason) else WaiverState.WITHOUT_REASON,
    )


@dataclass(frozen=True)
class _Statement:
    """A logical line: from its first token to its end (Python's reference, 2.1.1)."""

    first: int
    last: int
    decorator: bool


def _scan(text: str) -> tuple[list[tuple[int, str, bool]], list[_Statement]]:
    """Comments as (line, text, alone on its line) and logical lines, up to the first bad token."""
    import io
    import tokenize

    comments: list[tuple[int, str, bool]] = []
    statements: list[_Statement] = []
    start: tokenize.TokenInfo | None = None
    layout = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                alone = start is None and not token.line[: token.start[1]].strip()
                comments.append((token.start[0], token.string, alone))
            elif token.type == tokenize.NEWLINE:
                if start is not None:
                    statements.append(_Statement(start.start[0], token.end[0], start.string == "@"))
                start = None
            elif start is None and token.type not in layout:
                start = token
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass  # what comes before the bad token is known; Alembic cannot load the file either
    return comments, statements


def _covered(
    line: int, statements: list[_Statement], own_lines: set[int], *, alone: bool
) -> tuple[int, int]:
    """The lines that a comment on that line covers; ``statements`` are in order."""
    if not alone:
        at = bisect_right(statements, line, key=lambda item: item.first) - 1
        around = statements[at] if at >= 0 and statements[at].last >= line else None
        return (around.first, around.last) if around else (line, line)
    below = line + 1
    while below in own_lines:
        below += 1
    at = bisect_left(statements, below, key=lambda item: item.first)
    if at == len(statements) or statements[at].first != below:
        return line, below
    while statements[at].decorator and at + 1 < len(statements):
        at += 1
    return line, statements[at].last
