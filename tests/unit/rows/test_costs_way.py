"""Which revisions run so that the statements of a change can be timed."""

from __future__ import annotations

import pytest

from bot.facts import Direction, Revision
from bot.facts.sizes import Work
from bot.observe.costs.wanted import Wanted
from bot.observe.costs.way import way_of

ORDER = [Revision(name, f"{name}.py") for name in "abcd"]


@pytest.mark.parametrize(
    ("asked", "direction", "up", "down"),
    [
        ("b", Direction.UPGRADE, "ab", ""),
        ("ca", Direction.UPGRADE, "abc", ""),
        ("b", Direction.DOWNGRADE, "ab", "b"),
        ("ac", Direction.DOWNGRADE, "abc", "cba"),
        ("d", Direction.DOWNGRADE, "abcd", "d"),
        ("x", Direction.UPGRADE, "", ""),
        ("x", Direction.DOWNGRADE, "", ""),
    ],
)
def test_way_ends_at_the_last_that_is_asked(
    asked: str, direction: Direction, up: str, down: str
) -> None:
    """No further up than needed, and no further down."""
    wanted = [Wanted(name, 0, "public.t", Work.SCAN, 1.0, direction) for name in asked]
    way = way_of(wanted, ORDER)
    assert "".join(item.revision for item in way.up) == up
    assert "".join(item.revision for item in way.down) == down
