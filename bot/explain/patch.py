"""A fix of one line of a revision file, as a unified diff."""

from __future__ import annotations

from bot.facts import Facts


def replaced_line(facts: Facts, path: str, line: int, old: str, new: str) -> str | None:
    """The diff that makes ``new`` of ``old`` on that line (from 1) of head's file.

    None where the text is unknown, was cut, or does not have ``old`` there: no guess is offered.
    """
    from difflib import unified_diff

    source = facts.source(path)
    if source is None or source.head is None or source.cut:
        return None
    before = source.head.splitlines(keepends=True)
    if not 1 <= line <= len(before) or before[line - 1].strip() != old:
        return None
    after = list(before)
    after[line - 1] = before[line - 1].replace(old, new)
    return "".join(unified_diff(before, after, f"a/{path}", f"b/{path}"))
