"""A fix of a revision file as a unified diff that ``git apply`` takes.

``patched`` makes it of changes to the code (``bot.explain.patch.changes``). No patch is better than
a wrong one: where the text is unknown, or not of the plain shape, the answer is None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.facts import Facts

if TYPE_CHECKING:
    from bot.explain.patch.changes import Change

_UNQUOTED = re.compile(r"[^\x00-\x1f\x7f\"\\]+")  # git quotes any other path


def patched(facts: Facts, path: str, *changes: Change) -> str | None:
    """The diff that makes these changes, all or none, to head's file."""
    from bot.explain.patch.code import Code
    from bot.explain.patch.text import NotPlain

    text = _head(facts, path)
    if text is None:
        return None
    try:
        code = Code.of(text)
        for change in changes:
            code = code.edited(change(code))
    except (NotPlain, RecursionError):
        return None
    return _diff(facts, path, text, code.text)


@dataclass(frozen=True)
class Call:
    """A call of ``op`` as it is written: each argument is Python code."""

    name: str
    arguments: tuple[str, ...]
    keywords: Mapping[str, str]


def called(facts: Facts, path: str, line: int) -> Call | None:
    """The call of ``op`` that is the whole statement on that line of ``upgrade``, if it is plain.

    Then it runs once, and what the line executed is what this call says.
    """
    import ast

    from bot.explain.patch.code import Code
    from bot.explain.patch.text import NotPlain

    text = _head(facts, path)
    if text is None:
        return None
    try:
        code = Code.of(text)
        node = code.call(code.place(line))
    except (NotPlain, RecursionError):
        return None
    if not isinstance(node.func, ast.Attribute) or any(each.arg is None for each in node.keywords):
        return None

    def written(value: ast.expr) -> str:
        return ast.get_source_segment(text, value) or ""

    return Call(
        node.func.attr,
        tuple(map(written, node.args)),
        {each.arg: written(each.value) for each in node.keywords if each.arg},
    )


def replaced_line(facts: Facts, path: str, line: int, old: str, new: str) -> str | None:
    """The diff that makes ``new`` of ``old`` on that line (from 1) of head's file.

    None where the text is unknown, was cut, or does not have ``old`` there: no guess is offered.
    """
    text = _head(facts, path)
    if text is None:
        return None
    lines = text.split("\n")
    if not 1 <= line <= len(lines) or lines[line - 1].strip() != old:
        return None
    lines[line - 1] = lines[line - 1].replace(old, new)
    return _diff(facts, path, text, "\n".join(lines))


def _head(facts: Facts, path: str) -> str | None:
    source = facts.source(path)
    known = source is not None and not source.cut and _UNQUOTED.fullmatch(path)
    return source.head if source and known else None


def _diff(facts: Facts, path: str, old: str, new: str) -> str | None:
    """A unified diff as git writes it; None where nothing differs."""
    from difflib import unified_diff

    source = facts.source(path)
    bom = "\ufeff" if source and source.bom else ""
    end = "\t" if " " in path else ""  # as git does: a name may hold spaces, a tab ends it
    before, after = (_lines(bom + text) for text in (old, new))
    lines = unified_diff(before, after, f"a/{path}{end}", f"b/{path}{end}")
    return (
        "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )
        or None
    )


def _lines(text: str) -> list[str]:
    """Lines as git counts them, each with its end."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
