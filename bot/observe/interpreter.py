"""What a choice of interpreter works with and ends in, and what is installed in one.

Environments are read from disk: nothing of theirs runs to say what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.observe.sandbox import Sandbox

_OLDEST = (3, 9)  # what the probe is written for


class InstallError(Exception):
    """The target's dependencies cannot be had as asked; the message says what to do."""


@dataclass(frozen=True)
class Interpreter:
    """A Python for the target.

    ``python`` is started as it is written (a venv is known by its path), ``site`` are folders for
    PYTHONPATH. ``source`` is ``checkout``, ``installed``, ``command`` or ``bot``. ``note`` is a
    sentence for the reader where something is not as declared, else "". Two with the same ``key``
    hold the same packages, so that one process can serve both trees. ``complete`` is false where
    something that the project declares may be missing.
    """

    python: Path
    site: tuple[Path, ...] = ()
    source: str = "bot"
    note: str = ""
    key: str = ""
    complete: bool = True


@dataclass(frozen=True)
class Workplace:
    """What choosing works with: effects, folders and limits.

    ``checkout`` is the folder the user works in, ``tree`` the exported one, ``cache`` a folder of
    the bot's for what it installed, ``environ`` the bot's own environment. ``seconds`` bounds all
    installing; ``progress`` is told what happens.
    """

    checkout: Path
    tree: Path
    cache: Path
    environ: Mapping[str, str]
    sandbox: Sandbox
    seconds: float = 300.0
    progress: Callable[[str], None] = lambda _: None


def site_packages(prefix: Path) -> Path | None:
    """The environment's folder of packages, None when its Python is too old for the probe."""
    for folder in sorted(prefix.glob("lib/python3.*/site-packages")):
        minor = folder.parent.name.removeprefix("python3.")
        if minor.isdecimal() and (3, int(minor)) >= _OLDEST:
            return folder
    return None


def has_distribution(packages: Path, name: str) -> bool:
    """Whether a distribution of that name (PEP 503) is installed there."""
    return distribution_version(packages, name) is not None


def distribution_version(packages: Path, name: str) -> str | None:
    """The installed version, read from the name of its ``.dist-info`` folder (PEP 427)."""
    wanted = name.lower().replace("-", "_").replace(".", "_")
    for folder in packages.glob("*.dist-info"):
        stem, _, version = folder.name.removesuffix(".dist-info").partition("-")
        if stem.lower().replace("-", "_").replace(".", "_") == wanted:
            return version
    return None
