"""What costs seconds and is shared by all tests of one worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.review import Reviewer


@pytest.fixture(scope="session")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    """Reviews one repository after the other on one server."""
    with Reviewer(tmp_path_factory.mktemp("reviewer")) as made:
        yield made
