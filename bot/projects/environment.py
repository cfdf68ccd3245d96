"""One Alembic environment as its files describe it, without running any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.projects.tree import ConfigurationProblem, inside, parent

# alembic.script.base: which file names of a version location are revision files
_REVISION_FILE = re.compile(r"(?!\.#|__init__)(.*\.py)$")


@dataclass(frozen=True)
class Environment:
    """One Alembic environment of one tree; every path is relative to the repository's root.

    ``config`` names it: the ini file, ``…/pyproject.toml``, or the folder of env.py when there is
    no configuration file. ``kind`` is ``ini``, ``pyproject``, ``flask`` (Flask-Migrate: an ini
    without ``script_location`` and an env.py that asks for ``current_app``) or ``folder`` (no
    configuration file: the project builds its ``Config`` in code). ``section`` is the ini section.
    ``workdir`` is the folder to run in ("" for the root), from which the relative paths of the
    configuration exist. ``version_locations`` hold the revision files, ``recursive`` says whether
    their subfolders count (``recursive_version_locations``). ``options`` are main options to set
    because the project sets them in code; a value may contain ``{url}``, the scratch database's
    URL. ``sys_path`` are folders for ``sys.path``, in order. ``ini`` is the ini file to load
    beside a ``pyproject.toml`` (Alembic ≥ 1.16 reads both), or None.
    """

    config: str
    kind: str
    section: str
    workdir: str
    script_location: str
    version_locations: tuple[str, ...]
    recursive: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sys_path: tuple[str, ...] = ()
    ini: str | None = None

    @property
    def env_py(self) -> str:
        """The path of its env.py."""
        return f"{self.script_location}/env.py" if self.script_location else "env.py"

    @property
    def name(self) -> str:
        """What a reader calls it: the configuration's path, with the section unless it is usual."""
        return self.config if self.section == "alembic" else f"{self.config}#{self.section}"

    def holds(self, path: str) -> bool:
        """Whether Alembic would load that path as a revision file of this environment."""
        folder, _, name = path.rpartition("/")
        if not _REVISION_FILE.match(name) or parent(path).endswith("__pycache__"):
            return False
        if self.recursive:
            return any(inside(path, location) for location in self.version_locations)
        return folder in self.version_locations


@dataclass(frozen=True)
class Found:
    """The environments of one tree, what was wrong with their files, and what was passed over.

    ``left_out`` are configurations of tests, fixtures and templates, not checked unless the
    ``projects`` setting names them.
    """

    environments: tuple[Environment, ...] = ()
    problems: tuple[ConfigurationProblem, ...] = ()
    left_out: tuple[str, ...] = ()
