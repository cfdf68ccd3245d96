"""What a revision says of its way back."""

from __future__ import annotations

from bot.facts import ChangedRevision, DowngradeShape, FailureKind, State


def is_missing(item: ChangedRevision) -> bool:
    """Whether it has no downgrade, none that does anything, or one that refuses."""
    down = item.round_trip.downgrade
    refused = down.failure is not None and down.failure.kind is FailureKind.REFUSED
    return (
        refused
        or down.state is State.MISSING
        or item.downgrade_shape in (DowngradeShape.MISSING, DowngradeShape.EMPTY)
    )
