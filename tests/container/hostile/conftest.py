"""Which attempts a run takes, and the yard in which they are reviewed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from fixtures.attempts import Attempt, attempts
from tests.container.engine import ROOT
from tests.container.gateway import github
from tests.container.hostile.yard import Yard
from tests.container.pull_request import git

SWITCHED_OFF = ("landlock", "seccomp")
SAMPLE = 6  # attempts of an ordinary run: less than a minute


def chosen(pool: tuple[Attempt, ...], number: int = SAMPLE) -> tuple[Attempt, ...]:
    """All of them where ``HOSTILE=all``, else a few that change with the commit."""
    if os.environ.get("HOSTILE") == "all":
        return pool
    commit = git(ROOT, "rev-parse", "HEAD") if (ROOT / ".git").exists() else ""
    quick = [one for one in pool if not one.needs & {"limits", "patience"} and not one.timeout]

    def drawn(one: Attempt) -> bytes:
        return sha256(f"{commit} {one.name}".encode()).digest()

    return tuple(sorted(sorted(quick, key=drawn)[:number], key=lambda one: one.name))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its attempts, and those with a layer left out the layer."""
    pools = {
        "attempt": (attempts(), SAMPLE),
        "harmful": (tuple(one for one in attempts() if one.alone), 3),
        "powerful": (tuple(one for one in attempts() if one.superuser), 1),
    }
    for name, (pool, number) in pools.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, chosen(pool, number), ids=lambda one: one.name)
    if "layer" in metafunc.fixturenames:
        alone = "sole" in metafunc.fixturenames
        pairs = [
            pytest.param(one, layer, id=f"{one.name}-{layer}")
            for layer in SWITCHED_OFF
            for one in chosen(guarded(layer, alone=alone), 1)
        ]
        metafunc.parametrize(("sole" if alone else "guarded", "layer"), pairs)


def guarded(layer: str, *, alone: bool) -> tuple[Attempt, ...]:
    """Attempts that this layer alone stops, or that others stop without it.

    Not those that end the review before anything of the pull request runs: they meet no layer.
    """
    if alone:
        return tuple(one for one in attempts() if one.stopped_by == (layer,) and one.alone)
    apart = {"limits", "patience", "install", "service"}
    return tuple(
        one
        for one in attempts()
        if one.stopped_by != (layer,)
        and not one.needs & apart
        and one.timeout is None
        and one.verdict != "usage"
    )


@pytest.fixture(scope="session")
def yard(
    image: str, descriptions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Yard]:
    """A runner with its secrets, and the container that stays."""
    assert descriptions.is_dir()
    yard = Yard(image, tmp_path_factory.mktemp("yard"))
    yard.open()
    try:
        with github(yard.job) as double:
            yard.double = double
            yard.stay()
            yield yard
    finally:
        yard.close()
