"""Names and version ranges of declared distributions, in PEP 508's notation and poetry's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)")
_MATTERS = re.compile(
    r"alembic(?:-.+)?|sqlalchemy(?:-.+)?|sqlmodel|flask-(?:migrate|sqlalchemy)|advanced-alchemy"
    r"|psycopg\d?(?:-.+)?|asyncpg|pg8000|geoalchemy2?|pgvector|ormar|gino"
)


def normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirement: str) -> str:
    """The normalised name of a PEP 508 requirement, "" when it does not start with one."""
    match = _NAME.match(requirement)
    return normal(match[1]) if match else ""


def matters(name: str) -> bool:
    """Whether the distribution renders DDL, compares models or talks to PostgreSQL."""
    return bool(_MATTERS.fullmatch(normal(name)))


def that_matter(names: Iterable[str]) -> tuple[str, ...]:
    """Those names that matter for running migrations, normalised and sorted."""
    return tuple(sorted({normal(name) for name in names if matters(name)}))


def version_range(stated: str) -> str:
    """A poetry constraint in PEP 440's notation, "" for any version.

    https://python-poetry.org/docs/dependency-specification/#version-constraints ; of alternatives
    (``||``) the last counts.
    """
    alternative = stated.rpartition("|")[2]  # "||" as well
    parts = (part.strip() for part in alternative.split(","))
    return ",".join(range_ for part in parts if (range_ := _range(part)))


def poetry_requirement(name: str, stated: object) -> str | None:
    """One entry of ``[tool.poetry.dependencies]`` in PEP 508's notation; None for a folder."""
    if isinstance(stated, list):  # one entry a platform or Python version
        stated = stated[-1] if stated else "*"
    if isinstance(stated, str):
        return f"{name}{version_range(stated)}"
    if not isinstance(stated, Mapping) or "path" in stated:
        return None
    return poetry_table(name, stated)


def poetry_table(name: str, stated: Mapping[str, Any]) -> str:
    """The table form: ``{version = …, extras = […], git = …, markers = …}``."""
    listed = stated.get("extras")
    extras = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    shown = f"{name}[{','.join(extras)}]" if extras else name
    markers = f" ; {stated['markers']}" if isinstance(stated.get("markers"), str) else ""
    if isinstance(stated.get("git"), str):
        at = next((stated[key] for key in ("rev", "tag", "branch") if stated.get(key)), None)
        return f"{shown} @ git+{stated['git']}{f'@{at}' if at else ''}{markers}"
    if isinstance(stated.get("url"), str):
        return f"{shown} @ {stated['url']}{markers}"
    version = stated.get("version")
    return f"{shown}{version_range(version) if isinstance(version, str) else ''}{markers}"


def _range(part: str) -> str:
    if part in ("", "*"):
        return ""
    numbers = re.fullmatch(r"([~^])\s*v?(\d+(?:\.\d+)*)([\w.+-]*)", part)
    if numbers is None:
        return part if part[0] in "<>=!~" else f"=={part}"
    release = [int(number) for number in numbers[2].split(".")]
    if numbers[1] == "~":
        kept = min(len(release), 2)
    else:  # the caret keeps everything up to the first number that is not zero
        kept = next((at + 1 for at, number in enumerate(release) if number), len(release))
    upper = [*release[: kept - 1], release[kept - 1] + 1]
    return f">={numbers[2]}{numbers[3]},<{'.'.join(str(number) for number in upper)}"
