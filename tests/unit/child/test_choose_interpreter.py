"""Whose Python and packages run the target, decided from files alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.observe.install import choose_interpreter
from bot.observe.interpreter import InstallError, Workplace, site_packages
from bot.observe.reach import interpreter_folders
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox
from bot.observe.uv_install import find_uv, install
from bot.projects.install_plan import NOTHING, InstallPlan

MakeVenv = Callable[..., Path]


@pytest.fixture
def place(room: Room, sandbox: Sandbox, tmp_path: Path) -> Workplace:
    """A checkout and an empty exported tree."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    environ = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environ |= {name: os.environ[name] for name in ("HOME", "SSL_CERT_FILE") if name in os.environ}
    return Workplace(
        checkout, room.folder("tree", mode=0o755), tmp_path / "cache", environ, sandbox, 60
    )


def make_venv(prefix: Path, *distributions: str, python: str = "python3.11") -> Path:
    """An environment as its files show it."""
    packages = prefix / "lib" / python / "site-packages"
    packages.mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python").symlink_to(sys.executable)
    (prefix / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n")
    for name in distributions:
        (packages / f"{name}.dist-info").mkdir()
    return prefix / "bin" / "python"


def test_the_checkouts_own_environment_comes_first(place: Workplace) -> None:
    """It is what its authors run; nothing is installed."""
    own = make_venv(place.checkout / ".venv", "alembic-1.12.0", "SQLAlchemy-1.4.50")
    chosen = choose_interpreter(InstallPlan("pyproject", declares=True), "auto", place)
    assert (chosen.python, chosen.source) == (own, "checkout")


def test_the_projects_folder_goes_before_the_root(place: Workplace) -> None:
    """In a monorepo each service has its own."""
    make_venv(place.checkout / ".venv", "alembic-1.12.0", "sqlalchemy-2.0.0")
    own = make_venv(place.checkout / "backend" / ".venv", "alembic-1.13.0", "sqlalchemy-2.0.0")
    chosen = choose_interpreter(InstallPlan("none", directory="backend"), "never", place)
    assert chosen.python == own


def test_the_active_environment_goes_before_the_one_in_the_folder(
    place: Workplace, tmp_path: Path
) -> None:
    """The user switched it on."""
    make_venv(place.checkout / ".venv", "alembic-1.12.0", "sqlalchemy-2.0.0")
    active = make_venv(tmp_path / "active", "alembic-1.12.0", "sqlalchemy-2.0.0")
    there = replace(place, environ={**place.environ, "VIRTUAL_ENV": str(tmp_path / "active")})
    assert choose_interpreter(NOTHING, "auto", there).python == active


@pytest.mark.parametrize(
    ("distributions", "python"),
    [
        (("sqlalchemy-2.0.0",), "python3.11"),
        (("alembic_utils-0.8", "sqlalchemy-2.0.0"), "python3.11"),
        (("alembic-1.8.0", "sqlalchemy-1.4.0"), "python3.8"),
    ],
)
def test_an_environment_that_cannot_run_alembic_is_passed_over(
    place: Workplace, distributions: tuple[str, ...], python: str
) -> None:
    """Without Alembic, with something of a similar name, or too old for the probe."""
    make_venv(place.checkout / ".venv", *distributions, python=python)
    chosen = choose_interpreter(NOTHING, "auto", place)
    assert (chosen.source, chosen.python) == ("bot", Path(sys.executable))


def test_an_environment_of_another_machine_is_passed_over(place: Workplace) -> None:
    """A container sees the runner's .venv, whose Python is not there."""
    own = make_venv(place.checkout / ".venv", "alembic-1.12.0", "sqlalchemy-2.0.0")
    own.unlink()
    own.symlink_to("/opt/nowhere/python3")
    assert choose_interpreter(NOTHING, "never", place).source == "bot"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no-such-program x", "there is no program 'no-such-program'"),
        ("sh 'unclosed", "cannot be split"),
        ("", "there is no program"),
        (
            "sh -c 'echo ::error::no index; exit 4'",
            "ended with status 4; it printed: :\u200b:error",
        ),
        ("true", "left no .venv with Alembic"),
    ],
)
def test_a_command_that_fails_is_told(place: Workplace, command: str, message: str) -> None:
    """With the tail of what it printed, harmless."""
    with pytest.raises(InstallError, match=r".*") as caught:
        choose_interpreter(NOTHING, command, place)
    assert message in str(caught.value)


def test_a_command_that_never_ends_is_stopped(place: Workplace) -> None:
    """With everything it started."""
    with pytest.raises(InstallError, match=r"did not end within 0|did not end within 1"):
        choose_interpreter(NOTHING, "sh -c 'sleep 60 & sleep 60'", replace(place, seconds=0.4))


def test_a_command_makes_the_environment_in_the_exported_tree(place: Workplace) -> None:
    """As a user who is neither the bot nor whoever runs the migrations."""
    script = (
        "mkdir -p .venv/bin .venv/lib/python3.11/site-packages/alembic-1.13.0.dist-info"
        " && id -u > .venv/who"
    )
    chosen = choose_interpreter(NOTHING, f"sh -c '{script}'", place)
    assert chosen.python == place.tree / ".venv" / "bin" / "python"
    who = int((place.tree / ".venv" / "who").read_text())
    assert (who in {os.geteuid(), place.sandbox.uid}) is (place.sandbox.uid is None)


@pytest.fixture
def network(place: Workplace, tmp_path: Path) -> None:
    """Skips where no index answers."""
    uv = find_uv(place.environ)
    if uv is None:
        pytest.skip("uv is not installed")
    probe = subprocess.run(
        [uv, "pip", "compile", "--no-config", "--cache-dir", tmp_path / "uv", "-"],
        input=b"six\n",
        capture_output=True,
        check=False,
        timeout=20,
    )
    if probe.returncode != 0:
        pytest.skip("no package index answers")


@pytest.mark.usefixtures("network")
def test_what_is_declared_is_installed_once(place: Workplace) -> None:
    """As another user, then out of its hands, without the package that cannot be had.

    A driver is added, and a second run finds it all.
    """
    declared = "alembic==1.13.0\nsqlalchemy<2.1\ndb-recheck-no-such-package>=1\n"
    (place.tree / "requirements.txt").write_text(declared)
    plan = InstallPlan(
        "requirements",
        ("requirements.txt",),
        declares=True,
        requirements=tuple(declared.splitlines()),
        key="k",
    )
    first = choose_interpreter(plan, "auto", place)
    assert first.source == "installed", first.note
    assert first.note == "not installed, because they failed: db-recheck-no-such-package"
    prefix = first.python.parent.parent
    assert {path.stat().st_uid for path in (prefix, first.python.parent)} == {os.geteuid()}
    listen, speak = os.pipe()
    process = place.sandbox.start(
        [str(first.python), "-c", "import alembic, psycopg; print(alembic.__version__)"],
        place.sandbox.environment(first.python, {}),
        readable=interpreter_folders(first.python),
        output=speak,
    )
    os.close(speak)
    with os.fdopen(listen) as stream:
        assert stream.read() == "1.13.0\n"
    assert process.wait() == 0
    assert install(plan, replace(place, environ={"PATH": "/nonexistent"})).python == first.python
    assert {path.name for path in prefix.parent.iterdir()} == {prefix.name, f"{prefix.name}.note"}
    local = install(replace(plan, local=("lib",)), place)
    assert local.key != first.key
    assert place.sandbox.room.path in local.python.parents, "made of this tree, for this run"


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(("name", "table"), [("uv.toml", ""), ("pyproject.toml", "[tool.uv]\n")])
def test_a_project_that_asks_for_another_uv(place: Workplace, name: str, table: str) -> None:
    """What it declares is installed by the uv that is here."""
    (place.tree / name).write_text(f'{table}required-version = "==0.1.2"\n')
    plan = InstallPlan("setup", declares=True, requirements=("alembic==1.13.0",), key="k")
    chosen = choose_interpreter(plan, "auto", place)
    assert (chosen.source, chosen.note) == ("installed", "")


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("name", ["psycopg2", "psycopg2-binary"])
def test_a_driver_that_was_compiled_and_does_not_import(place: Workplace, name: str) -> None:
    """Its ready-made twin takes its place, and the reader is told."""
    driver = place.tree / "driver"
    (driver / "psycopg2").mkdir(parents=True)
    (driver / "psycopg2/__init__.py").write_text("raise SystemError('initialization failed')\n")
    (driver / "setup.py").write_text(
        "from setuptools import setup\n"
        f"setup(name={name!r}, version='2.9.1', packages=['psycopg2'])\n"
    )
    lines = ("alembic==1.13.0", f"{name} @ {driver.as_uri()}")
    plan = InstallPlan("setup", declares=True, requirements=lines, key="k")
    chosen = choose_interpreter(plan, "auto", place)
    assert chosen.note == "in another version than declared: psycopg2"
    packages = site_packages(chosen.python.parent.parent)
    assert packages is not None
    assert list((packages / "psycopg2").glob("_psycopg*.so"))
