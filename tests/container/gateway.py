"""The GitHub of the tests, where containers of a job reach it as they would api.github.com."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.container import engine

if TYPE_CHECKING:
    from tests.container.runner import Job
    from tests.github.double.server import Double

_GATEWAY = "{{(index .IPAM.Config 0).Gateway}}"


def address(job: Job) -> str:
    """The address of this machine on the job's network."""
    return engine.docker("network", "inspect", "--format", _GATEWAY, job.network)


@contextmanager
def github(job: Job) -> Iterator[Double]:
    """A double that the containers of the job reach."""
    from tests.github.double.server import serving

    with serving(host=address(job)) as double:
        yield double
        assert double.world.violations == []
