"""Which of a tree's declarations says what an environment's code needs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.projects import declarations
from bot.projects.declarations import Declared, requirement_lines, requirements_files
from bot.projects.environment import Environment
from bot.projects.install_plan import NOTHING, InstallPlan
from bot.projects.lock_files import read_lock
from bot.projects.requirement import named, that_matter
from bot.projects.tree import TreeView, join, upwards

_LOCKS = {
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "pylock.toml": "pylock",
}
_RANGES: tuple[tuple[str, str, Callable[[bytes], Declared]], ...] = (
    ("pyproject.toml", "pyproject", declarations.pyproject),
    ("Pipfile", "pipenv", declarations.pipfile),
    ("setup.cfg", "setup", declarations.setup_cfg),
    ("setup.py", "setup", declarations.setup_py),
)
_COMPILED = re.compile(
    r"^#.*(?:with python |--python-version[ =])(3\.\d+)", re.MULTILINE | re.IGNORECASE
)
_PATH_SOURCE = re.compile(
    r'^name = "([^"]+)"\n(?:version = "[^"]*"\n)?source = \{ '
    r'(?:directory|path|editable) = "([^"]+)"',
    re.MULTILINE,
)
_VERSION = re.compile(r"(?:python-|cpython@)?(3\.\d+)")


def plan_install(view: TreeView, environment: Environment) -> InstallPlan:
    """What to install for the environment, from the nearest declaration that names Alembic.

    Looked at are the folders of the environment and all above them; a lock file goes before
    requirements files, these before ranges. Where none names Alembic, one that names another
    distribution that matters is taken, else the nearest one of any kind.
    """
    places = {*upwards(environment.workdir), *upwards(environment.script_location)}
    nearest = sorted(places, key=lambda place: (-len(place), place))
    plans = [plan for folder in nearest for plan in _plans(view, folder)]
    wishes: tuple[Callable[[InstallPlan], bool], ...] = (
        lambda plan: bool({"alembic", "flask-migrate"} & set(plan.names)),
        lambda plan: bool(plan.names),
    )
    chosen = next((plan for wish in wishes for plan in plans if wish(plan)), None)
    chosen = chosen or next(iter(plans), NOTHING)
    return replace(
        chosen,
        python=_pinned_python(view, nearest) or chosen.python or _ranged_python(view, nearest),
        key=_key(view, chosen),
    )


def _plans(view: TreeView, folder: str) -> Iterator[InstallPlan]:
    """The folder's declarations, best first."""
    project = f"{folder}/pyproject.toml".lstrip("/")
    declared = declarations.pyproject(view.read(project) or b"")
    for above in upwards(folder) if project in view.paths else ():
        lock = f"{above}/uv.lock".lstrip("/")
        if lock in view.paths:
            yield _uv(view, folder, lock, project, declared)
            break
    for name, kind in _LOCKS.items():
        path = f"{folder}/{name}".lstrip("/")
        data = view.read(path)
        locked = read_lock(path, data) if data is not None else None
        if locked is not None and locked.requirements:
            yield InstallPlan(
                kind,
                (path, project) if project in view.paths else (path,),
                folder,
                python=declared.python,
                declares=True,
                requirements=locked.requirements,
                names=that_matter(map(named, locked.requirements)),
                local=locked.local,
            )
    if files := requirements_files(view, folder):
        lines = [line for path in files for line in requirement_lines(view, path)]
        yield InstallPlan(
            "requirements",
            files,
            folder,
            python=declared.python or _compiled_for(view, files),
            declares=True,
            requirements=tuple(lines),
            names=that_matter(map(named, lines)),
            local=tuple(_local(folder, lines)),
        )
    for name, kind, read in _RANGES:
        path = f"{folder}/{name}".lstrip("/")
        data = view.read(path)
        said = read(data) if data is not None else Declared()
        if said.requirements:
            yield InstallPlan(
                kind,
                (path,),
                folder,
                python=said.python,
                declares=True,
                requirements=said.requirements,
                groups=said.groups,
                extras=said.extras,
                names=that_matter(map(named, said.requirements)),
            )


def _uv(view: TreeView, folder: str, lock: str, project: str, declared: Declared) -> InstallPlan:
    text = (view.read(lock) or b"").decode("utf-8", "replace")
    names = re.findall(r'^name = "([^"]+)"', text, re.MULTILINE)
    wanted = re.search(r'^requires-python = "([^"]+)"', text, re.MULTILINE)
    return InstallPlan(
        "uv",
        (lock, project),
        folder,
        python=declared.python or (wanted[1] if wanted else None),
        declares=True,
        groups=declared.groups,
        extras=declared.extras,
        names=that_matter(names),
        local=tuple(_beside(folder, text)),
    )


def _beside(folder: str, lock: str) -> Iterator[str]:
    """Folders that a uv.lock installs from (path dependencies); the workspace is not installed."""
    listed = re.search(r"^members = \[([^\]]*)\]", lock, re.MULTILINE)
    members = set(re.findall(r'"([^"]+)"', listed[1])) if listed else set()
    for name, source in _PATH_SOURCE.findall(lock):
        place = join(folder, source)
        if place is not None and source != "." and name not in members:
            yield place


def _local(folder: str, lines: Iterable[str]) -> Iterator[str]:
    """Folders of the tree that requirements lines install (``-e ./lib``, ``./lib``)."""
    for line in lines:
        match = re.match(r"(?:(?:-e|--editable)[\s=]*)?(\.\.?(?:/[^\s;#\[]*)?)(?:\[|\s|;|$)", line)
        place = join(folder, match[1]) if match else None
        if place is not None:
            yield place


def _compiled_for(view: TreeView, files: Iterable[str]) -> str | None:
    """The Python that pip-compile or uv wrote at the top of what it compiled."""
    for path in files:
        head = (view.read(path) or b"")[:1000].decode("utf-8", "replace")
        if match := _COMPILED.search(head):
            return match[1]
    return None


def _pinned_python(view: TreeView, folders: Iterable[str]) -> str | None:
    """The minor version of ``.python-version``, ``runtime.txt`` or ``.tool-versions``."""
    for folder in folders:
        for name in (".python-version", "runtime.txt"):
            text = (view.read(f"{folder}/{name}".lstrip("/")) or b"").decode("utf-8", "replace")
            if match := _VERSION.match(text.strip()):
                return match[1]
        tools = (view.read(f"{folder}/.tool-versions".lstrip("/")) or b"").decode(
            "utf-8", "replace"
        )
        if match := re.search(r"^python\s+(3\.\d+)", tools, re.MULTILINE):
            return match[1]
    return None


def _ranged_python(view: TreeView, folders: Iterable[str]) -> str | None:
    """The nearest range of any declaration, where the chosen one states none."""
    for folder in folders:
        for name, _, read in _RANGES:
            data = view.read(f"{folder}/{name}".lstrip("/"))
            if data is not None and (python := read(data).python):
                return python
    return None


def _key(view: TreeView, plan: InstallPlan) -> str:
    digest = hashlib.sha256(plan.kind.encode())
    for path in plan.files:
        if plan.kind == "requirements":
            content = "\n".join(requirement_lines(view, path)).encode("utf-8", "replace")
        else:
            content = view.read(path) or b""
        digest.update(b"\0" + path.encode("utf-8", "replace") + b"\0" + content)
    return digest.hexdigest()
