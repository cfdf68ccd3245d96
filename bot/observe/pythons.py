"""Which Pythons the machine has, by their files alone, and which of them a request means."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_CLAUSE = re.compile(r"(~=|===?|!=|>=|<=|<|>)?\s*v?(\d+)(?:\.(\d+|\*))?(?:\.(\d+))?")
_NEWEST = 15  # no Python 3 of the near future
_FUTURE = 40  # minor versions that a request may mean


@dataclass(frozen=True)
class Installed:
    """A Python 3 of the machine and its minor version."""

    python: Path
    minor: int


def installed_pythons(environ: Mapping[str, str]) -> Iterator[Installed]:
    """Each Python ≥ 3.9 found, the bot's own first, then those of PATH and the usual managers."""
    own = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    if own.exists():
        yield Installed(own, sys.version_info.minor)
    home = Path(environ.get("HOME", "/nonexistent"))
    folders = [Path(entry) for entry in environ.get("PATH", "").split(":") if entry[:1] == "/"]
    folders += [Path("/usr/local/bin"), Path("/usr/bin")]
    for root, pattern in (
        (Path(environ.get("PYENV_ROOT", home / ".pyenv")), "versions/*/bin"),
        (home / ".local/share/uv/python", "*/bin"),
        (Path(environ.get("RUNNER_TOOL_CACHE", "/opt/hostedtoolcache")), "Python/*/x64/bin"),
    ):
        folders += sorted(root.glob(pattern), reverse=True)
    for minor in range(_NEWEST, 8, -1):
        for folder in folders:
            python = folder / f"python3.{minor}"
            # A shim is a script without a library beside it; the Python it stands for is found too.
            if python.exists() and "shims" not in python.parts:
                yield Installed(python, minor)
                break


def wanted(request: str, minor: int) -> bool:
    """Whether Python 3.minor is what a request means, as ``uv --python`` would take it.

    ``3.11``, ``3.11.4`` and PEP 440 specifiers are understood, micro versions are not compared. A
    request without a version (``pypy``) means any.
    """
    return all(_allows(clause, minor) for clause in request.split(","))


def _allows(clause: str, minor: int) -> bool:
    found = _CLAUSE.search(clause)
    if found is None:
        return True
    operator, major, second, micro = found.groups()
    there: tuple[int, ...] = (int(major),)
    here: tuple[int, ...] = (3,)
    if second is not None and second != "*":
        there, here = (*there, int(second)), (*here, minor)
    meanings = {
        ">=": here >= there,
        ">": here >= there,  # 3.8.1 is greater than 3.8
        "<=": here <= there,
        "<": here < there or (here == there and int(micro or 0) > 0),
        "!=": here != there or micro is not None,
        # The last number given may grow (PEP 440, "Compatible release").
        "~=": here == there if micro else here >= there and there[0] == here[0],
    }
    return meanings.get(operator, here == there)


def choose_python(request: str | None, found: list[Installed]) -> tuple[Installed, str]:
    """The Python to use, and a note when none is what was asked for.

    The bot's own where it is allowed, because it is known to work; else the newest allowed one;
    else the one nearest to what was asked for, of two that are as near the newer one.
    """
    fitting = [item for item in found if request is None or wanted(request, item.minor)]
    if fitting:
        return fitting[0], ""
    asked = [minor for minor in range(_FUTURE) if wanted(request or "", minor)]
    nearest = min(
        found,
        key=lambda item: (
            min((abs(item.minor - minor) for minor in asked), default=0),
            -item.minor,
        ),
    )
    return nearest, (
        f"the project asks for Python {request}, which this machine does not have;"
        f" it ran on 3.{nearest.minor}"
    )
