"""Which files declare dependencies, and what they say of those that make migrations differ."""

from __future__ import annotations

import re

from bot.projects.tree import TreeView

# What renders DDL, compares models or talks to PostgreSQL: another version may act otherwise.
_MATTERS = (
    r"alembic(?:[-_.][\w.-]+)?|sqlalchemy(?:[-_.][\w.-]+)?|sqlmodel|flask[-_.]migrate"
    r"|flask[-_.]sqlalchemy|advanced[-_.]alchemy|psycopg\w*(?:[-_.]\w+)?|asyncpg|pg8000"
    r"|geoalchemy2?|pgvector|ormar|gino|fastapi[-_.]users[-_.]db[-_.]sqlalchemy"
)
# what follows the name: poetry's value, else everything up to the end of the quoted requirement
_NAMED = re.compile(
    r"(?P<name>(?<![\w./@-])(?:" + _MATTERS + r"))(?![\w/-])"
    r"(?P<rest>\s*=\s*(?:\{[^}\n]*\}|\"[^\"\n]*\")|[^\n\"']*)",
    re.IGNORECASE,
)
# name = "alembic" / version = "1.2" (uv, poetry, pdm); "alembic": {… "version": "==1.2" (Pipfile)
_LOCKED = re.compile(
    r"^(?:name = |[ \t]*)\"(?P<name>" + _MATTERS + r")\"(?::\s*\{[^{}]*?)?[\s,]*"
    r"\"?version\"?\s*[=:]\s*\"(?P<version>[^\"]*)\"",
    re.IGNORECASE | re.MULTILINE,
)
_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"})
_DECLARING = frozenset(
    {"pyproject.toml", "Pipfile", "setup.py", "setup.cfg", "environment.yml", "environment.yaml"}
)


def is_requirements_file(path: str) -> bool:
    """Whether pip would be given it: requirements*.txt or .in, or one in requirements/."""
    folder, _, name = path.rpartition("/")
    return name.endswith((".txt", ".in")) and (
        "requirements" in name or "constraints" in name or folder.endswith("requirements")
    )


def declares_dependencies(path: str) -> bool:
    """Whether the file's name is one by which Python projects declare or lock dependencies."""
    return path.rpartition("/")[2] in _LOCKS | _DECLARING or is_requirements_file(path)


def migration_dependencies(path: str, view: TreeView) -> frozenset[tuple[str, str]]:
    """What the file says of Alembic, SQLAlchemy, their extensions and PostgreSQL drivers.

    Pairs of name and version (of a lock file) or of name and the rest of the line.
    """
    text = (view.read(path) or b"").decode("utf-8", "replace")
    if path.rpartition("/")[2] in _LOCKS:
        pairs = ((match["name"], match["version"]) for match in _LOCKED.finditer(text))
    else:
        lines = (line.partition("#")[0] for line in text.splitlines())
        matches = (match for line in lines for match in _NAMED.finditer(line))
        pairs = ((match["name"], match["rest"].strip(" \t,\"'\\")) for match in matches)
    return frozenset((name.lower().replace("_", "-"), said) for name, said in pairs)
