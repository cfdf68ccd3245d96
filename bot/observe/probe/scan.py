"""What the tree's source tells without running it: modules, and settings that it reads."""

from __future__ import annotations

import ast
import os
import re
from typing import Iterator

MAX_FILES = 5_000
MAX_BYTES = 2_000_000  # of one file
_BUILDS = {"pyproject.toml", "hatch.toml", "setup.py", "setup.cfg", ".gitignore", "meson.build"}
_DEPTH = 3  # folders below the root
_SKIP = {"node_modules", "site-packages", "__pycache__", "venv", "env", "dist", "build"}

_READ = re.compile(
    rb"""(?:environ(?:\.get|\.setdefault|\.pop)?|getenv|\benv(?:\.\w+)?|config(?:\.get|\.url)?|\bconf)"""
    rb"""\s*[\[(]\s*f?["']([A-Za-z_]\w*)["']"""
)
_FIELD = re.compile(rb"^[ \t]+([A-Za-z_]\w*)\s*:\s*[^\n=]+", re.MULTILINE)
_PREFIX = re.compile(rb"""env_prefix\s*=\s*["'](\w*)["']""")


def python_files(root: str) -> Iterator[str]:
    """Absolute names of the tree's Python files, those near the root first."""
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _SKIP
        )
        for name in sorted(files):
            if name.endswith(".py"):
                yield os.path.join(folder, name)
                count += 1
                if count >= MAX_FILES:
                    return


def source_of(path: str) -> bytes:
    """The file's text; empty where it cannot be read or is too long."""
    try:
        if os.path.getsize(path) > MAX_BYTES:
            return b""
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def is_written_by_a_build(root: str, file: str) -> bool:
    """Whether what says how packages are built, or what git ignores, names that file."""
    name = file.encode("utf-8")
    for folder, folders, files in os.walk(root):
        folders[:] = [item for item in folders if item not in _SKIP and item != ".git"]
        if folder.count(os.sep) - root.count(os.sep) >= _DEPTH:
            folders[:] = []
        if any(name in source_of(os.path.join(folder, item)) for item in _BUILDS & set(files)):
            return True
    return False


def settings_read(root: str) -> list[str]:
    """Names of environment variables and settings fields that the source reads, in order."""
    found: dict[str, bool] = {}
    for path in python_files(root):
        source = source_of(path)
        for match in _READ.finditer(source):
            found[match.group(1).decode("ascii")] = True
        if b"BaseSettings" in source:
            prefix = _PREFIX.search(source)
            start = prefix.group(1).decode("ascii") if prefix else ""
            for match in _FIELD.finditer(source):
                found[(start + match.group(1).decode("ascii")).upper()] = True
    return list(found)


def settings_on_line(path: str, line: int) -> list[str]:
    """Environment variables read by the statement on that line, or into the names it uses.

    For ``create_engine(URL)`` that failed: the variable that ``URL = os.getenv("X")`` reads.
    """
    try:
        return _settings_on_line(ast.parse(source_of(path)), line)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the parser's own complaints
        return []


def _settings_on_line(parsed: ast.Module, line: int) -> list[str]:
    statement = _statement(parsed, line)
    if statement is None:
        return []
    found = _read_in(statement)
    if found:
        return found
    used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
    for node in ast.walk(parsed):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {getattr(target, "id", getattr(target, "attr", None)) for target in targets}
            if names & used:
                found += _read_in(node.value)
    return found


def _statement(parsed: ast.AST, line: int) -> ast.AST | None:
    """The smallest statement around that line; of a compound one only its head."""
    best: ast.stmt | None = None
    for node in ast.walk(parsed):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            best = node if best is None or node.lineno >= best.lineno else best
    for head in ("test", "iter"):
        part = getattr(best, head, None)
        if isinstance(part, ast.AST):
            return part
    return best


_VARIABLE = re.compile(r"^[A-Z_][A-Z0-9_]*$")
_READERS = re.compile(
    r"^(.+\.)?(\w*getenv\w*|\w*_env(_\w+)?|environ(\.(get|pop|setdefault))?|env(\.\w+)?|config(\.\w+)?)$"
)


def _read_in(node: ast.AST) -> list[str]:
    found = []
    for item in ast.walk(node):
        if isinstance(item, ast.Call) and item.args:
            called, key = item.func, item.args[0]
        elif isinstance(item, ast.Subscript):
            called, key = item.value, item.slice
            key = getattr(key, "value", key) if type(key).__name__ == "Index" else key
        else:
            continue
        name = getattr(key, "value", None)
        if isinstance(name, str) and _VARIABLE.match(name) and _READERS.match(_dotted(called)):
            found.append(name)
    return found


def _dotted(node: ast.AST) -> str:
    """``os.environ.get`` for that expression; empty for any that is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        start = _dotted(node.value)
        return f"{start}.{node.attr}" if start else ""
    return ""


def word_for_postgres(root: str) -> str:
    """``postgresql`` or ``postgres``, whichever the source compares an engine's name with."""
    short = sum(
        len(re.findall(rb"""["']postgres["']""", source_of(path))) for path in python_files(root)
    )
    long = sum(
        len(re.findall(rb"""["']postgresql["']""", source_of(path))) for path in python_files(root)
    )
    return "postgres" if short > long else "postgresql"


def folder_of_module(root: str, name: str) -> str | None:
    """The folder nearest the root with which ``import a.b`` works; None when there is none."""
    parts = name.split(".")
    best = None
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            item for item in folders if not item.startswith(".") and item not in _SKIP
        )
        depth = folder.count(os.sep)
        if best is not None and depth >= best[0]:
            folders[:] = []
            continue
        if (parts[0] + ".py" in files or parts[0] in folders) and _holds(folder, parts):
            best = (depth, folder)
    return best[1] if best else None


def _holds(folder: str, parts: list[str]) -> bool:
    path = os.path.join(folder, *parts)
    if os.path.isfile(path + ".py"):
        return True
    return os.path.isdir(path) and any(
        name.endswith(".py") or os.path.isdir(os.path.join(path, name)) for name in os.listdir(path)
    )
