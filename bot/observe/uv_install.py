"""What a repository declares, installed by uv into an environment of ours.

Building a package runs a stranger's code, so uv runs confined like the migrations do: a user of its
own, no secrets, a home and a cache that are thrown away. What comes out is taken from that user and
moved to its place in one rename, so that a later run finds it whole and unchanged. Nothing that the
stranger may have made is opened here as if it were ours: it could be a link to any file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.observe.commands import Ended, call, network_environment
from bot.observe.interpreter import (
    InstallError,
    Interpreter,
    Workplace,
    distribution_version,
    has_distribution,
    site_packages,
)
from bot.observe.kept_environments import MAKING, make_room, use
from bot.observe.partial_install import Had, How, install_what_can_be_had
from bot.observe.pythons import choose_python, installed_pythons
from bot.observe.reach import interpreter_folders
from bot.observe.requirement_lines import requirement_lines
from bot.observe.strangers_files import read_regular, remove, take_over
from bot.projects.install_plan import InstallPlan

_FORMAT = "8"  # part of the key: raised when the same plan would be installed otherwise
_EXPORTED_BYTES = 4 * 1024**2  # of requirement lines
_COMPLETION_SECONDS = 20.0  # kept back for Alembic and a driver
_COMPLETE = (
    "uv",
    "poetry",
    "pdm",
    "pipenv",
    "pylock",
)  # kinds that name dependencies of dependencies
_SYNCHRONOUS = ("psycopg", "psycopg2", "psycopg2-binary", "pg8000")
_ESSENTIAL = ("alembic", "sqlalchemy", "psycopg", "psycopg-binary", "psycopg2-binary", "asyncpg")


def find_uv(environ: Mapping[str, str]) -> Path | None:
    """The uv that came with the bot, else the one on PATH."""
    try:
        import uv

        return Path(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv", path=environ.get("PATH", os.defpath))
        return None if found is None else Path(found)


def install(plan: InstallPlan, place: Workplace) -> Interpreter:
    """The environment for the plan: the one of an earlier run, or a new one.

    Raises:
        InstallError: not even Alembic, SQLAlchemy and a driver could be installed.
    """
    python, note = choose_python(plan.python, list(installed_pythons(place.environ)))
    text = "\0".join((_FORMAT, plan.key, str(python.python)))
    cache = place.cache / "environments"
    if plan.local:  # made of this tree, so for this run alone
        text += f"\0{place.tree}"
        cache = place.sandbox.room.folder("environments", mode=0o755)
    key = hashlib.sha256(text.encode()).hexdigest()
    final, told = cache / key[:32], cache / f"{key[:32]}.note"
    if not (final / "bin" / "python").exists():
        uv = find_uv(place.environ)
        if uv is None:
            raise InstallError("uv is not installed: pip install uv")
        final.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=MAKING, dir=final.parent))
        try:
            made = _Making(plan, place, uv, python.python, staging)
            made.make()
            take_over(made.environment)
            told.write_text(made.note, "utf-8")
            _settle(made.environment, final)
        finally:
            remove(staging)
        if not plan.local:
            make_room(cache)
    use(told)
    made_note = told.read_text("utf-8") if told.exists() else ""
    notes = "; ".join(part for part in (note, plan.note, made_note) if part)
    return Interpreter(
        final / "bin" / "python",
        source="installed",
        note=notes,
        key=key,
        complete=not made_note,
    )


def _settle(made: Path, final: Path) -> None:
    try:
        made.rename(final)
    except OSError:  # a run beside us was faster
        if not (final / "bin" / "python").exists():
            raise


class _Making:
    """One environment being made in a staging folder."""

    def __init__(
        self, plan: InstallPlan, place: Workplace, uv: Path, python: Path, staging: Path
    ) -> None:
        self._plan = plan
        place = replace(place, sandbox=place.sandbox.another("install"))
        self._place = place
        self._uv = uv
        self._python = python
        self._staging = staging  # ours; what is in "work" is the installer's
        self._work = staging / "work"
        self._until = time.monotonic() + place.seconds
        self._configured = True  # whether uv obeys the project's configuration of it
        self.environment = self._work / "env"
        self.note = ""
        staging.chmod(0o755)
        self._work.mkdir(mode=0o755)
        for folder in (self._work, place.tree):
            place.sandbox.hand_over(folder)

    def make(self) -> None:
        """Everything declared; else what of it can be had; else the essential packages."""
        venv = ("venv", "--python", str(self._python), str(self.environment))
        made = self._uv_call(*venv)
        if made.status != 0:  # the project's [tool.uv] may ask for another uv than this one
            self._configured = False
            made = self._uv_call(*venv)
        if made.status != 0:
            raise InstallError(f"uv venv {made.how}: {made.tail}")
        self._place.progress("installing what the repository declares")
        if self._plan.kind == "uv":
            done = self._sync()
        elif self._plan.kind == "requirements":
            files = [
                part for file in self._plan.files for part in ("-r", str(self._place.tree / file))
            ]
            done = self._pip(*files)
        else:
            done = self._pip(*self._listed(self._plan.requirements))
        if done.status != 0:
            self._what_can_be_had()
        self._complete()

    def _sync(self) -> Ended:
        command = ["sync", "--frozen", "--no-install-workspace", "--no-default-groups"]
        command += ["--python", str(self.environment / "bin" / "python")]
        for flag, chosen in (("--group", self._plan.groups), ("--extra", self._plan.extras)):
            command += [part for item in chosen for part in (flag, item)]
        return self._uv_call(*command)

    def _what_can_be_had(self) -> None:
        """Again, from the lines alone, without what fails: the note names it."""
        had = install_what_can_be_had(
            self._lines(),
            self._pip_lines,
            self._until - _COMPLETION_SECONDS,
            essential=lambda name: name in _ESSENTIAL or name in self._plan.names,
            progress=self._place.progress,
        )
        self.note = had.note

    def _pip_lines(self, lines: Sequence[str], how: How, *, until: float) -> Ended:
        # --no-config: what [tool.uv] of the project says (find-links, an index) may be what failed.
        options = ["--no-config"]
        if how is How.WHEELS:
            options += ["--only-binary", ":all:"]
        locked = any("--hash=" in line for line in self._plan.requirements)  # pip asks for them all
        if how is not How.RESOLVE and (self._plan.kind in _COMPLETE or locked):
            options.append("--no-deps")  # and so one that is missing cannot make others impossible
        return self._pip(*options, *self._listed(lines), until=until)

    def _lines(self) -> list[str]:
        """What is declared, as requirement lines."""
        if self._plan.kind == "uv":
            exported = self._work / "exported.txt"
            command = ["export", "--frozen", "--no-hashes", "--no-emit-workspace", "--quiet"]
            for flag, chosen in (("--group", self._plan.groups), ("--extra", self._plan.extras)):
                command += [part for item in chosen for part in (flag, item)]
            self._uv_call(*command, "--no-default-groups", "--output-file", str(exported))
            return requirement_lines(read_regular(exported, _EXPORTED_BYTES))
        return requirement_lines("\n".join(self._plan.requirements))

    def _complete(self) -> None:
        """Alembic, SQLAlchemy and a driver that needs no event loop, where one is missing."""
        packages = site_packages(self.environment)
        if packages is None:
            raise InstallError("uv made no environment")
        missing = [
            item for item in ("alembic", "sqlalchemy") if not has_distribution(packages, item)
        ]
        if missing:
            self._require(self._pip(*missing))
        if not (packages / "pkg_resources").is_dir():
            self._pip("setuptools<81")  # the last with it; every venv of Python < 3.12 had it
        psycopg = distribution_version(packages, "psycopg")
        if psycopg and not any(
            has_distribution(packages, f"psycopg-{kind}") for kind in ("binary", "c")
        ):
            self._pip(f"psycopg[binary]=={psycopg}")  # else it needs libpq of the machine
        if (packages / "psycopg2").is_dir() and not self._imports("psycopg2"):
            # Compiled here, by a Python younger than it knows: that shows on import alone.
            newest = ("--upgrade", "--only-binary", ":all:", "psycopg2-binary")
            self._require(self._pip("--reinstall-package", "psycopg2-binary", *newest))
            changed = Had(another=("psycopg2",)).note
            self.note = f"{self.note}; {changed}" if self.note else changed
        if not any(has_distribution(packages, item) for item in _SYNCHRONOUS):
            old = (distribution_version(packages, "sqlalchemy") or "").startswith("1.")
            self._require(self._pip("psycopg2-binary" if old else "psycopg[binary]"))

    def _imports(self, module: str) -> bool:
        python = self.environment / "bin" / "python"
        return self._call(python, "-c", f"import {module}", until=self._until).status == 0

    @staticmethod
    def _require(done: Ended) -> None:
        if done.status != 0:
            raise InstallError(f"uv {done.how}: {done.tail}")

    def _pip(self, *arguments: str, until: float | None = None) -> Ended:
        python = str(self.environment / "bin" / "python")
        return self._uv_call("pip", "install", "--python", python, *arguments, until=until)

    def _listed(self, lines: Iterable[str]) -> tuple[str, str]:
        path = self._staging / "requirements.txt"
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        path.chmod(0o644)
        return "-r", str(path)

    def _uv_call(self, *arguments: str, until: float | None = None) -> Ended:
        return self._call(self._uv, *arguments, until=until)

    def _call(self, program: Path, *arguments: str, until: float | None) -> Ended:
        environ = self._place.sandbox.environment(
            self._python, network_environment(self._place.environ)
        )
        environ |= {
            "UV_CACHE_DIR": str(self._work / "cache"),
            "UV_PROJECT_ENVIRONMENT": str(self.environment),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_PROGRESS": "1",
            "UV_COMPILE_BYTECODE": "1",  # once here, instead of in every run
            "UV_CONCURRENT_BUILDS": "2",
        }
        if not self._configured:
            environ["UV_NO_CONFIG"] = "1"
        return call(
            [str(program), *arguments],
            environ,
            self._place,
            folder=self._place.tree / self._plan.directory,
            readable=(self._staging, self._uv.resolve(), *interpreter_folders(self._python)),
            writable=(self._work,),
            until=until or self._until,
        )
