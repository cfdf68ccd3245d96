"""What hangs on tables and what keeps rows apart, tried on rows of a scratch database. No opinions.

Everything ran with the rights of the target's own code or fewer, and was rolled back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Broken:
    """A view, function, trigger or policy that worked at base and no longer does.

    ``kind`` is "view", "materialized view", "function", "procedure", "trigger" or "policy";
    ``name`` is ``schema.name`` or a signature, a trigger's and a policy's ``schema.table.name``.
    ``tried`` says in words what was done with it. ``line`` is that of a function's body on which
    ``statement`` (its kind, "RETURN") cannot work, None where it was used rather than read.
    """

    kind: str
    name: str
    tried: str
    sqlstate: str
    message: str
    table: str | None = None
    line: int | None = None
    statement: str = ""


@dataclass(frozen=True)
class Isolation:
    """What an ordinary role saw of a table with row security while one tenant was set.

    ``column`` tells tenants apart; ``settings`` were set to one of them, none where the policies
    ask for none; ``role`` is a role that it was made a member of. ``others`` counts the rows of
    other tenants that were there, ``read``, ``updated`` and ``deleted`` those that the role
    reached; ``moved``: it could give a row of its own to another, ``added``: row security let it
    add one of another. ``reason`` is why that was not tried.
    """

    table: str
    column: str
    settings: tuple[str, ...] = ()
    role: str | None = None
    others: int = 0
    read: int = 0
    updated: int = 0
    deleted: int = 0
    moved: bool = False
    added: bool = False
    reason: str | None = None


@dataclass(frozen=True)
class UnsetSetting:
    """A statement of a session that did not set a parameter was refused because of that.

    ``kind`` is "policy", "default" or "trigger", ``name`` its name or the column's.
    """

    kind: str
    table: str
    name: str
    setting: str
    message: str


@dataclass(frozen=True)
class Trials:
    """All of them for one project."""

    broken: tuple[Broken, ...] = ()
    isolation: tuple[Isolation, ...] = ()
    unset: tuple[UnsetSetting, ...] = ()
