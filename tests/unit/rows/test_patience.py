"""How long a revision may take on made-up rows."""

from __future__ import annotations

from bot.facts import Change, ChangedRevision, RoundTrip, State, Step
from bot.observe.rows.trial import patience


def test_what_is_slow_on_empty_tables_may_be_slower_on_rows() -> None:
    """Quick ones get ten seconds, others twenty times what the slower direction took."""
    quick = RoundTrip(Step(State.OK, duration_ms=30), Step(State.OK, duration_ms=20))
    slow = RoundTrip(Step(State.OK, duration_ms=2_000), Step(State.OK, duration_ms=3_000))
    revisions = [
        ChangedRevision(name, f"{name}.py", Change.ADDED, round_trip=trip)
        for name, trip in (("a", quick), ("b", slow))
    ]
    assert patience(revisions) == {"a": 10.0, "b": 60.0}
