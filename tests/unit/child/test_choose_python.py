"""Which Python a project asks for, and what is said of its installation. Nothing is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.observe.commands import network_environment
from bot.observe.pythons import Installed, choose_python, wanted
from bot.observe.requirement_lines import culprit, requirement_lines, without


@pytest.mark.parametrize(
    ("request_", "minors"),
    [
        ("3.11", {11}),
        ("3.11.4", {11}),
        (">=3.9,<3.12", {9, 10, 11}),
        (">=3.10.2", {10, 11, 12, 13}),
        (">3.11", {11, 12, 13}),
        ("~=3.10", {10, 11, 12, 13}),
        ("~=3.10.1", {10}),
        ("==3.12.*", {12}),
        (">=3.8,!=3.9.*,<4", {10, 11, 12, 13}),
        (">=3.8,!=3.9.1", {9, 10, 11, 12, 13}),
        ("<3.11.2", {9, 10, 11}),
        ("<=3.10", {9, 10}),
        (">=3", {9, 10, 11, 12, 13}),
        ("<4.0", {9, 10, 11, 12, 13}),
        ("2.7", set()),
        ("pypy", {9, 10, 11, 12, 13}),
    ],
)
def test_python_requests(request_: str, minors: set[int]) -> None:
    """Read as PEP 440 and uv's --python have them, without micro versions."""
    assert {minor for minor in range(9, 14) if wanted(request_, minor)} == minors


def test_a_python_that_is_not_there_is_noted() -> None:
    """The check runs on another one rather than not at all."""
    found = [Installed(Path("/usr/bin/python3.11"), 11)]
    chosen, note = choose_python("3.8", found)
    assert chosen is found[0]
    assert "asks for Python 3.8" in note


@pytest.mark.parametrize(
    ("request_", "minor"), [(">=3.14", 13), ("3.7", 9), ("3.10.4", 11), (">=3.8,<3.9", 9)]
)
def test_the_nearest_python_serves(request_: str, minor: int) -> None:
    """The newest for a project of tomorrow, the oldest for one of yesterday."""
    found = [Installed(Path(f"/usr/bin/python3.{item}"), item) for item in (11, 13, 9)]
    chosen, note = choose_python(request_, found)
    assert chosen.minor == minor
    assert note.endswith(f"it ran on 3.{minor}")


def test_no_password_of_an_index_reaches_the_installer() -> None:
    """Target code could read it; the plain address is passed on, for uv too."""
    found = network_environment(
        {
            "PIP_INDEX_URL": "https://index.example/simple",
            "UV_EXTRA_INDEX_URL": "https://me:token@index.example/simple",
            "https_proxy": "http://proxy.example:3128",
            "GITHUB_TOKEN": "secret",
        }
    )
    assert found == {
        "PIP_INDEX_URL": "https://index.example/simple",
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "https_proxy": "http://proxy.example:3128",
    }


def test_requirement_lines_lose_options_and_hashes() -> None:
    """Continued lines are one line."""
    text = "-r base.txt\n# why\nA==1 \\\n    --hash=sha256:aa\nb>=2 # note\n--index-url x\n"
    assert requirement_lines(text) == ["A==1", "b>=2"]


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("  x Failed to build `psycopg2==2.9.9`", "psycopg2"),
        ("  ╰─▶ Because private-thing was not found in the package registry", "private-thing"),
        ("Because there is no version of alembic==99 and you require", "alembic"),
        ("error: something else", None),
    ],
)
def test_the_package_that_uv_blames(output: str, name: str | None) -> None:
    """So that the rest can be installed without it."""
    assert culprit(output) == name


def test_a_driver_that_needs_a_compiler_is_replaced() -> None:
    """By the ready-made one of the same version; others are left out."""
    lines = ["psycopg2==2.9.9", "Private_Thing>=1", "six"]
    assert without(lines, "psycopg2") == ["psycopg2-binary==2.9.9", "Private_Thing>=1", "six"]
    assert without(lines, "private-thing") == ["psycopg2==2.9.9", "six"]
