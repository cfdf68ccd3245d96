"""The command line's words, as what the rest of the program takes."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.configuration import Stated
    from bot.settings import Settings
    from bot.subject import Order


def order_of(asked: argparse.Namespace, environ: Mapping[str, str], cwd: Path) -> Order:
    """What to review."""
    from bot.changes import Request
    from bot.subject import Order

    return Order(
        repo=(cwd / asked.repo if asked.repo else cwd).resolve(),
        request=Request(asked.base, asked.head),
        load_settings=stated_in(asked, environ, cwd).load,
        temporary=temporary_folder(environ),
        packages=cache_home(environ) / "packages",
    )


def settings_of_base(
    asked: argparse.Namespace, environ: Mapping[str, str], cwd: Path
) -> tuple[Settings, str]:
    """What base's tree states, and what a reader calls base."""
    from bot.base_settings import base_settings

    repo = cwd / asked.repo if asked.repo else cwd
    stated = stated_in(asked, environ, cwd)
    return base_settings(repo.resolve(), asked.base, stated, environ, temporary_folder(environ))


def temporary_folder(environ: Mapping[str, str]) -> Path:
    """Where files go that do not outlive the run."""
    return Path(environ.get("TMPDIR") or tempfile.gettempdir())


_FLAGS = (
    *("packs", "preset", "fail_on", "strict", "database_url", "shared_server", "postgres"),
    *("install", "timeout", "cache"),
)


def _flags(asked: argparse.Namespace) -> dict[str, object]:
    """What the command line states, by the setting's key."""
    flags: dict[str, object] = {
        name.replace("_", "-"): getattr(asked, name, None) for name in _FLAGS
    }
    flags["projects"] = getattr(asked, "project", None)
    return flags


def stated_in(asked: argparse.Namespace, environ: Mapping[str, str], cwd: Path) -> Stated:
    """What the words and the environment say of the settings."""
    from bot.configuration import Stated

    config = cwd / asked.config if asked.config else None
    return Stated(config, _flags(asked), environ)


def cache_home(environ: Mapping[str, str]) -> Path:
    """Where this program keeps what it may use again (XDG Base Directory Specification)."""
    stated = environ.get("XDG_CACHE_HOME") or ""
    home = environ.get("HOME") or tempfile.gettempdir()
    return (Path(stated) if stated.startswith("/") else Path(home) / ".cache") / "db-recheck"
