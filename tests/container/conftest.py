"""The image, built once; a job of the runner; a pull request to run it on."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.build import build_demo
from tests.container import engine
from tests.container.runner import Job
from tests.github.fetch_descriptions import Unavailable, fetch


@pytest.fixture(scope="session")
def image() -> str:
    """The id of the image made from this working tree. Skips where no Docker engine answers."""
    reason = engine.absent()
    if reason and os.environ.get("CI") in {"true", "1"}:
        pytest.fail(f"these tests must run in CI, but {reason}")
    if reason:
        pytest.skip(f"the container was not tested: {reason}")
    return engine.build()


@pytest.fixture(scope="session")
def descriptions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GitHub's published descriptions, which the double holds both sides against."""
    with (tmp_path_factory.getbasetemp().parent / "descriptions.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            return fetch()
        except Unavailable as error:
            if os.environ.get("CI") in {"true", "1"}:
                pytest.fail(f"these tests must run in CI, but {error}")
            pytest.skip(f"the Action was not tested in its container: {error}")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The checkout of a pull request of three revisions, two of which are broken."""
    return build_demo(tmp_path / "shop")


@pytest.fixture
def job(image: str, tmp_path: Path, shop: Path) -> Iterator[Job]:  # noqa: ARG001 - the image decides whether there is an engine
    """A job of the runner whose workspace is the shop's checkout."""
    folder = tmp_path / "runner"
    folder.mkdir()
    job = Job(folder, shop)
    job.begin()
    yield job
    job.end()
