"""What two policies say of one column is said once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.verdict import Judged


def once(findings: Sequence[Judged], told_by: Mapping[str, tuple[str, ...]]) -> Iterator[Judged]:
    """The findings, without those that another one tells with a better reason.

    ``told_by`` are for a policy's id the ids of those that say the same of a column. They must have
    said it with at least its weight, and unwaived: nothing passes the gate that would not have.
    """
    weights: dict[tuple[str, str | None, tuple[str, ...], str | None], int] = {
        (item.policy, item.project, item.tables, item.column): item.severity.rank
        for item in findings
        if item.column is not None and item.introduced and not item.waived
    }
    for item in findings:
        about = item.project, item.tables, item.column
        others = (weights.get((other, *about)) for other in told_by.get(item.policy, ()))
        if not any(rank is not None and rank >= item.severity.rank for rank in others):
            yield item
