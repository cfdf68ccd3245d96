"""Which Python runs the target's code, and with which packages.

The checkout's own environment where there is one, else what the repository declares, installed by
uv as the child's user, without secrets, into a folder of ours; else the bot's own. Environments
that are not ours are never changed, and nothing of them runs outside the sandbox: what they hold is
read from disk.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.observe.interpreter import (
    InstallError,
    Interpreter,
    Workplace,
    has_distribution,
    site_packages,
)
from bot.observe.reach import is_python_prefix
from bot.projects.install_plan import InstallPlan

_NAMES = (".venv", "venv")


def choose_interpreter(plan: InstallPlan, mode: str, place: Workplace) -> Interpreter:
    """The interpreter for a tree whose dependencies are as planned.

    ``mode`` is the ``install`` setting: ``auto``, ``never`` (nothing is installed: the checkout's
    environment or the bot's own) or a command, run in the exported tree without a shell, that
    leaves a ``.venv`` there.

    Raises:
        InstallError: the command fails, or leaves no environment with Alembic.
    """
    if mode not in ("auto", "never"):
        return _by_command(plan, mode, place)
    own, note = _of_checkout(plan, place)
    if own is not None:
        return own
    if mode == "never" or not plan.declares:
        return _of_bot(note, complete=not plan.declares)
    from bot.observe.uv_install import install

    try:
        return install(plan, place)
    except InstallError as error:
        return _of_bot(
            f"the declared dependencies could not be installed, so the bot's own packages were"
            f" used: {error}",
            complete=False,
        )


def _of_bot(note: str, *, complete: bool) -> Interpreter:
    return Interpreter(Path(sys.executable), source="bot", note=note, key="bot", complete=complete)


def _of_checkout(plan: InstallPlan, place: Workplace) -> tuple[Interpreter | None, str]:
    """The environment that the checkout's user works in, or why it cannot be used."""
    note = ""
    for prefix in _candidates(plan, place):
        python = prefix / "bin" / "python"
        if not python.exists() or not is_python_prefix(prefix):
            continue
        wanted = ["alembic", "sqlalchemy"]
        if prefix == Path(sys.prefix) and place.checkout not in prefix.parents:
            wanted += plan.names  # the bot's environment is the project's only if it is complete
        packages = site_packages(prefix)
        if packages is None or not all(has_distribution(packages, name) for name in wanted):
            continue
        if problem := place.sandbox.unreachable(python):
            note = f"{prefix} was not used: {problem}"
            continue
        return Interpreter(python, source="checkout", key=f"checkout:{prefix}"), ""
    return None, note


def _candidates(plan: InstallPlan, place: Workplace) -> Iterator[Path]:
    seen = set()
    active = place.environ.get("VIRTUAL_ENV")
    found = [Path(active)] if active else []
    folder = place.checkout / plan.directory
    found += [root / name for root in (folder, place.checkout) for name in _NAMES]
    for prefix in found:
        if prefix not in seen:
            seen.add(prefix)
            yield prefix


def _by_command(plan: InstallPlan, command: str, place: Workplace) -> Interpreter:
    from bot.observe.commands import call, network_environment

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InstallError(f"install: {command!r} cannot be split into words: {error}") from None
    path = place.environ.get("PATH", os.defpath)
    program = shutil.which(words[0], path=path) if words else None
    if program is None:
        first = words[0] if words else command
        raise InstallError(f"install: there is no program {first!r}; use auto, never or a command")
    sandbox = place.sandbox.another("install")
    sandbox.hand_over(place.tree)
    environ = sandbox.environment(Path(sys.executable), network_environment(place.environ))
    environ["PATH"] = path
    place.progress(f"installing: {command}")
    ended = call(
        [program, *words[1:]],
        {**environ, "UV_CACHE_DIR": str(sandbox.home / "uv")},
        replace(place, sandbox=sandbox),
        folder=place.tree / plan.directory,
        readable=(Path(program).resolve(),),
    )
    if ended.status != 0:
        raise InstallError(f"install: {command!r} {ended.how}; it printed: {ended.tail}")
    for root in dict.fromkeys((place.tree / plan.directory, place.tree)):
        for name in _NAMES:
            packages = site_packages(root / name)
            if packages is not None and has_distribution(packages, "alembic"):
                # Of this tree alone: what the command made may be made of it.
                key = hashlib.sha256(f"{command}\0{plan.key}\0{place.tree}".encode()).hexdigest()
                return Interpreter(root / name / "bin" / "python", source="command", key=key)
    raise InstallError(
        f"install: {command!r} left no .venv with Alembic in {plan.directory or '.'}"
    )
