"""What two policies say of one thing is said once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.verdict import Judged


def once(findings: Sequence[Judged], told_by: Mapping[str, tuple[str, ...]]) -> Iterator[Judged]:
    """The findings, without those that another one tells with a better reason.

    ``told_by`` are for a policy's id the ids of those that say the same of a column, or of what
    stands in one line. They must have said it with at least its weight, and unwaived: nothing
    passes the gate that would not have.
    """
    reasons: dict[str, list[Judged]] = {}
    for item in findings:
        if item.counts:
            reasons.setdefault(item.policy, []).append(item)
    for item in findings:
        others = [one for other in told_by.get(item.policy, ()) for one in reasons.get(other, ())]
        if not any(_same(item, one) and one.severity.rank >= item.severity.rank for one in others):
            yield item


def _same(item: Judged, other: Judged) -> bool:
    """Whether both speak of one column, or, where neither names any, of one line."""
    if item.project != other.project:
        return False
    if item.column is not None or other.column is not None:
        return (item.tables, item.column) == (other.tables, other.column)
    # A step that failed names no table: what was refused there may.
    return (item.path, item.line) == (other.path, other.line) and (
        item.tables == other.tables or not item.tables
    )
