"""What a release does to action.yml. Needs no Docker."""

from __future__ import annotations

import pytest

from scripts.release_action import pointed
from tests.container.engine import ROOT

IMAGE = f"ghcr.io/acme/db-recheck@sha256:{'0a' * 32}"


def test_released_action_is_the_image() -> None:
    """One line of this repository's action.yml changes: the image is named by its digest."""
    before = (ROOT / "action.yml").read_text("utf-8")
    after = pointed(before, IMAGE)
    changed = set(after.splitlines()) - set(before.splitlines())
    assert changed == {f"  image: docker://{IMAGE}"}
    assert len(after.splitlines()) == len(before.splitlines())


@pytest.mark.parametrize("image", ["ghcr.io/acme/db-recheck:1.0", "db-recheck", f"{IMAGE}\n", ""])
def test_image_without_a_digest_is_refused(image: str) -> None:
    """A tag can be moved to other contents later."""
    with pytest.raises(ValueError, match="not an image with its digest"):
        pointed("runs:\n  image: Dockerfile\n", image)


def test_action_that_names_an_image_already_is_refused() -> None:
    """Nothing is released twice from one commit."""
    with pytest.raises(ValueError, match="0 times"):
        pointed(pointed("runs:\n  image: Dockerfile\n", IMAGE), IMAGE)
