"""The attempts are no empty threats: what stops them is what is said to stop them."""

from __future__ import annotations

from fixtures.attempts import Attempt
from tests.container.hostile.test_attempts import check_failed, check_review, told_of_failures
from tests.container.hostile.yard import Yard, bound

TOLD = {"landlock": "landlock", "seccomp": "network"}  # how a report names the missing layer


def test_without_the_sandbox_it_succeeds(yard: Yard, harmful: Attempt) -> None:
    """Called by root in the same container, the same lines reach what they try to reach."""
    assert "reached: " in yard.call_as_root(harmful)


def test_as_superuser_it_succeeds(yard: Yard, powerful: Attempt) -> None:
    """Where the base branch lets migrations run as superuser of the scratch server."""
    seen = yard.review(powerful, inputs={"superuser": "true"})
    assert "reached: " in told_of_failures(seen)


def test_other_layers_hold(yard: Yard, guarded: Attempt, layer: str) -> None:
    """With one layer left out, the others that are named for the attempt stop it."""
    seen = yard.review(guarded, without=layer)
    assert TOLD[layer] in seen.report["sandbox"]
    check_failed(seen, guarded)
    check_review(seen, guarded)
    assert seen.seconds < bound(guarded)


def test_the_layer_is_what_stops_it(yard: Yard, sole: Attempt, layer: str) -> None:
    """With the only layer left out that is named for it, the attempt succeeds, and it shows."""
    seen = yard.review(sole, without=layer)
    assert TOLD[layer] in seen.report["sandbox"]
    assert seen.came or "reached: " in told_of_failures(seen), seen.report["not_checked"]
