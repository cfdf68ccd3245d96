"""What failed for want of something that was stood in for is no finding, and no pass either."""

from __future__ import annotations

import pytest

from bot.facts import (
    BaseBuilt,
    BaseState,
    Chain,
    Change,
    ChangedRevision,
    Failure,
    FailureKind,
    Project,
    Revision,
    RoundTrip,
    State,
    Step,
)
from bot.observe.round_trip import Travelled
from bot.observe.stood_in import StoodIn, without_gaps
from bot.observe.unseen import Unseen

WENT = Step(State.OK)


def stopped(message: str, sqlstate: str | None = None) -> Step:
    """A step that the server, or else Python, stopped."""
    kind = FailureKind.DATABASE if sqlstate else FailureKind.PYTHON
    return Step(State.FAILED, Failure(kind, message, sqlstate=sqlstate))


def told(
    trip: RoundTrip,
    *,
    built: BaseBuilt = BaseBuilt.CHAIN,
    modules: tuple[str, ...] = (),
    source: bytes = b"from app.models import kinds\n",
) -> list[str]:
    """Why the revision was not checked, empty where its trip stays."""
    project = Project(
        config="alembic.ini",
        script_location="m",
        base=Chain((Revision("a1", "a1.py"),)),
        base_state=BaseState(built),
        revisions=(ChangedRevision("b2", "b2.py", Change.ADDED),),
    )
    found = Travelled(trips={"b2": trip})
    unseen = Unseen("alembic.ini")
    made = b'op.execute("CREATE TABLE by_hand (id int)")'
    without_gaps(project, found, StoodIn(lambda _: made, lambda _: source, modules), unseen)
    entries = unseen.entries()
    assert bool(entries) != ("b2" in found.trips)
    assert all(entry.fatal for entry in entries)
    return [entry.why for entry in entries]


@pytest.mark.parametrize("name", ["by_hand", "public.by_hand"])
def test_a_table_that_base_speaks_of(name: str) -> None:
    """Only where base's models stood in for its chain."""
    trip = RoundTrip(stopped(f'relation "{name}" does not exist', "42P01"))
    assert "it needs `by_hand`" in told(trip, built=BaseBuilt.MODELS)[0]
    assert not told(trip)


def test_a_table_that_nobody_speaks_of() -> None:
    """That is the change's own mistake."""
    trip = RoundTrip(stopped('relation "nowhere" does not exist', "42P01"))
    assert not told(trip, built=BaseBuilt.MODELS)
    other = RoundTrip(stopped('column "by_hand" is of type integer', "42804"))
    assert not told(other, built=BaseBuilt.MODELS)


def test_python_that_stopped_where_a_package_is_missing() -> None:
    """On the way up or down; what the server says counts."""
    up = RoundTrip(stopped("'_Anything' object is not a type"))
    down = RoundTrip(WENT, stopped("unsupported operand"))
    assert "kombu" in told(up, modules=("kombu",))[0]
    assert "kombu" in told(down, modules=("kombu",))[0]
    assert not told(up)
    refused = RoundTrip(stopped('relation "nowhere" does not exist', "42P01"))
    assert not told(refused, modules=("kombu",))


def test_a_revision_that_imports_what_is_missing() -> None:
    """It ran, but not with what it will run with."""
    trip = RoundTrip(WENT, WENT, WENT)
    source = b"from kombu.utils import text\n"
    assert "imports what is not installed" in told(trip, modules=("kombu",), source=source)[0]
    assert not told(trip, modules=("kombu",))
    assert not told(trip, source=source)
