"""A GitHub of our own for every test, and the real client before it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.github.fetch_descriptions import Unavailable, fetch

if TYPE_CHECKING:
    from bot.github import GitHub
    from tests.github.double.server import Double
    from tests.github.double.state import World

TOKEN = "ghs_CanaryThatMustNeverBeSeenAnywhere0123"
HERE = Path(__file__).parent


def must_run() -> bool:
    """Whether a test that cannot run here is a failure: in CI it is."""
    return os.environ.get("CI") == "true" or os.environ.get("DB_RECHECK_NO_SKIP") == "1"


@pytest.fixture(scope="session")
def descriptions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GitHub's API descriptions; without them these tests are skipped, and fail in CI."""
    import fcntl

    lock = tmp_path_factory.getbasetemp().parent / "descriptions.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # the workers of pytest-xdist fetch them once
        try:
            return fetch()
        except Unavailable as error:
            if must_run():
                pytest.fail(f"{error} (and nothing may be skipped here)")
            pytest.skip(f"{error}: what bot/github says to GitHub was not tested")


@pytest.fixture(scope="session")
def _server(descriptions: Path) -> Iterator[Double]:
    assert descriptions.is_dir()
    from tests.github.double.server import serving

    with serving() as double:
        yield double


@pytest.fixture
def double(_server: Double) -> Iterator[Double]:
    """A double with an empty world; what it saw must be as GitHub describes it."""
    world = _server.reset()
    yield _server
    assert world.violations == []


@pytest.fixture
def world(double: Double) -> World:
    """The double's world: a pull request with a diff, and a workflow's token."""
    from tests.github.scenes import furnish

    return furnish(double.world, TOKEN)


@pytest.fixture
def slept() -> list[float]:
    """The seconds that the client waited, of which none pass."""
    return []


@pytest.fixture
def connect(double: Double, slept: list[float]) -> Callable[..., GitHub]:
    """Make a client of the double; it sleeps without sleeping."""
    from bot.github import GitHub

    def connecting(token: str = TOKEN, *, timeout: int = 15, patience: float = 120.0) -> GitHub:
        return GitHub(token, double.api_url, timeout=timeout, patience=patience, sleep=slept.append)

    return connecting


@pytest.fixture
def github(connect: Callable[..., GitHub], world: World) -> GitHub:
    """A client with a workflow's token, on a furnished world."""
    assert world.tokens
    return connect()
