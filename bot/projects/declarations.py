"""What is declared without a lock: pyproject.toml, Pipfile, setup.cfg, setup.py, requirements."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.projects.dependencies import is_requirements_file
from bot.projects.requirement import matters, named, poetry_requirement, version_range
from bot.projects.syntax import SyntaxProblem, parse
from bot.projects.tree import TreeView, join, parent

_SIDE = re.compile(r"dev|test|lint|doc|ci|type|mypy|build|tool|debug|example|bench", re.IGNORECASE)


@dataclass(frozen=True)
class Declared:
    """What one file declares; ``groups`` and ``extras`` are those that hold what matters."""

    requirements: tuple[str, ...] = ()
    python: str | None = None
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


def pyproject(data: bytes) -> Declared:
    """``[project]``, dependency groups and poetry's own tables; empty when it is no TOML."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return Declared()
    project, tool = _sub(document, "project"), _sub(document, "tool")
    poetry = _sub(tool, "poetry")
    extras = _with_matters(_sub(project, "optional-dependencies"))
    groups = _with_matters(_sub(document, "dependency-groups"))
    groups |= _with_matters(_sub(_sub(tool, "pdm"), "dev-dependencies"))
    stated = [*_strings(project.get("dependencies"))]
    stated += [item for part in (*extras.values(), *groups.values()) for item in part]
    main = _sub(poetry, "dependencies")
    side = {
        name: _poetry(_sub(_sub(_sub(poetry, "group"), name), "dependencies"))
        for name in _sub(poetry, "group")
    }
    side |= (
        {"dev": _poetry(_sub(poetry, "dev-dependencies"))} if "dev-dependencies" in poetry else {}
    )
    needed = {name: items for name, items in side.items() if any(matters(named(i)) for i in items)}
    stated += _poetry(main) + [item for items in needed.values() for item in items]
    # Both, where both are stated: a lock made by poetry obeys the narrower of them.
    pythons = [project.get("requires-python"), main.get("python")]
    python = ",".join(version_range(item) for item in pythons if isinstance(item, str))
    return Declared(
        tuple(dict.fromkeys(stated)),
        python.strip(",") or None,
        (*groups, *needed),
        tuple(extras),
    )


def pipfile(data: bytes) -> Declared:
    """A Pipfile's ``[packages]`` and Python version."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return Declared()
    requires = _sub(document, "requires")
    python = requires.get("python_version") or requires.get("python_full_version")
    return Declared(
        tuple(_poetry(_sub(document, "packages"))), python if isinstance(python, str) else None
    )


def setup_cfg(data: bytes) -> Declared:
    """``install_requires`` and ``python_requires`` of setuptools' declarative configuration."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(data.decode("utf-8"))
    except (configparser.Error, ValueError, AttributeError, TypeError):
        return Declared()
    lines = parser.get("options", "install_requires", fallback="").splitlines()
    python = parser.get("options", "python_requires", fallback="").strip()
    stated = tuple(line.strip() for line in lines if named(line) and "%" not in line)
    return Declared(stated, python or None)


def setup_py(data: bytes) -> Declared:
    """Literal ``install_requires`` and ``python_requires`` of a ``setup()`` call."""
    tree = parse(data)
    if isinstance(tree, SyntaxProblem):
        return Declared()
    names: dict[str, ast.expr] = {}
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = node.value
        elif isinstance(node, ast.keyword) and node.arg in ("install_requires", "python_requires"):
            found[node.arg] = node.value
    values = {
        key: names.get(value.id, value) if isinstance(value, ast.Name) else value
        for key, value in found.items()
    }
    listed, python = values.get("install_requires"), values.get("python_requires")
    items = listed.elts if isinstance(listed, ast.List | ast.Tuple) else []
    stated = [item.value for item in items if isinstance(item, ast.Constant)]
    return Declared(
        tuple(item for item in stated if isinstance(item, str)),
        str(python.value) if isinstance(python, ast.Constant) else None,
    )


def requirements_files(view: TreeView, folder: str) -> tuple[str, ...]:
    """The requirements files in the folder to install from, the main one first.

    The main one (requirements.txt, requirements/base.txt, …) and any other that alone names a
    distribution that matters; those for development and tests only when nothing else names Alembic.
    """
    held = [
        path
        for path in view.paths
        if is_requirements_file(path)
        and "constraints" not in path
        and parent(path) in {folder, f"{folder}/requirements".lstrip("/")}
    ]
    compiled = {path for path in held if path.endswith(".txt")}
    held = [path for path in held if path in compiled or f"{path[:-3]}.txt" not in compiled]
    ranked = sorted(held, key=lambda path: (bool(_SIDE.search(_stem(path))), _rank(path), path))
    chosen: list[str] = []
    seen: set[str] = set()
    for path in ranked:
        names = {named(line) for line in requirement_lines(view, path)}
        new = {name for name in names if matters(name)} - seen
        side = bool(_SIDE.search(_stem(path)))
        if (not chosen and not side) or (new and not (side and "alembic" in seen)):
            chosen.append(path)
            seen |= new
    return tuple(chosen)


def requirement_lines(view: TreeView, path: str, depth: int = 0) -> Iterator[str]:
    """The lines of a requirements file and of those it includes (``-r``), comments removed."""
    text = (view.read(path) or b"").decode("utf-8", "replace").replace("\\\n", " ")
    for line in text.splitlines():
        stated = re.sub(r"(?:^|\s)#.*", "", line).strip()
        included = re.match(r"(?:-r|--requirement)[\s=]*(\S+)", stated)
        if included and depth < 8:  # noqa: PLR2004 # deeper is a cycle
            target = join(parent(path), included[1])
            if target is not None:
                yield from requirement_lines(view, target, depth + 1)
        elif stated:
            yield stated


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _rank(path: str) -> int:
    order = ("requirements", "base", "main", "prod", "production", "common", "deploy")
    return order.index(_stem(path)) if _stem(path) in order else len(order)


def _sub(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = table.get(name)
    return found if isinstance(found, Mapping) else {}


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _with_matters(tables: Mapping[str, Any]) -> dict[str, list[str]]:
    lists = {name: _strings(items) for name, items in tables.items()}
    return {name: items for name, items in lists.items() if any(matters(named(i)) for i in items)}


def _poetry(table: Mapping[str, Any]) -> list[str]:
    entries = (poetry_requirement(name, value) for name, value in table.items() if name != "python")
    return [entry for entry in entries if entry]
