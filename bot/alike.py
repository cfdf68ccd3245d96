"""Many findings of one kind about one thing in one revision become one. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.policy import Remedy
from bot.source.trees import tree_of
from bot.verdict import Judged

MOST = 3
"""So many alike findings stand for themselves; more are one."""

_NAMED = 60  # lines that a message names


def gathered(findings: Sequence[Judged], texts: Mapping[str, str]) -> Iterator[Judged]:
    """The findings in their order, more than ``MOST`` alike ones as the first of them.

    Alike are those of one policy with one subject, title and weight in one function of a file, of
    which ``texts`` has the text: forty statements that each change all rows of one table, say. Only
    those that count are gathered: a waiver takes its own out, and what base has already is no part
    of the change. The one that stays counts them all and names the other lines.
    """
    kinds: dict[object, list[Judged]] = {}
    for item in findings:
        if item.counts:
            kinds.setdefault(_kind(item), []).append(item)
    first: dict[int, list[Judged]] = {}
    rest: set[int] = set()
    for several in kinds.values():
        for alike in _by_function(several, texts) if len(several) > MOST else ():
            if len(alike) > MOST:
                first[id(alike[0])] = alike
                rest |= {id(item) for item in alike[1:]}
    for item in findings:
        if id(item) in first:
            yield _one(first[id(item)])
        elif id(item) not in rest:
            yield item


def _by_function(findings: Sequence[Judged], texts: Mapping[str, str]) -> list[list[Judged]]:
    """By the outermost function or class that their lines are in."""
    found: dict[int, list[Judged]] = {}
    for item in findings:
        tree = tree_of(texts.get(item.path, ""))
        outer = [
            node.lineno
            for node in (tree.body if tree else ())
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and node.lineno <= item.line <= (node.end_lineno or node.lineno)
        ]
        found.setdefault(outer[0] if outer else 0, []).append(item)
    return list(found.values())


def _kind(item: Judged) -> object:
    return (
        item.policy,
        item.project,
        item.revision,
        item.thing,
        item.title,
        item.path,
        item.tables,
        item.column,
        item.severity,
        item.confidence,
    )


def _one(alike: Sequence[Judged]) -> Judged:
    first, *others = alike
    lines = sorted({item.line for item in others} - {first.line})
    where = f"on {len(lines)} further {'lines' if len(lines) > 1 else 'line'} of this file"
    more = f"It is the same {where}: {_listed(lines)}." if lines else ""
    return replace(
        first,
        message="\n\n".join(part for part in (first.message, more) if part),
        count=sum(item.count for item in alike),
        remedies=tuple(_for_all(remedy, others) for remedy in first.remedies),
    )


def _for_all(remedy: Remedy, others: Sequence[Judged]) -> Remedy:
    """The remedy, its patch only where it is that of all of them."""
    alone = any(remedy.patch not in [each.patch for each in item.remedies] for item in others)
    return replace(remedy, patch=None) if alone else remedy


def _listed(lines: Sequence[int]) -> str:
    named = [str(line) for line in lines[:_NAMED]]
    if len(lines) > _NAMED:
        named.append(f"{len(lines) - _NAMED} more")
    *first, last = named
    return f"{', '.join(first)} and {last}" if first else last
