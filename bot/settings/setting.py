"""How one setting is described: the reference shows it, the loader and the comparison apply it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.settings import weaker
from bot.settings.kinds import Kind


@dataclass(frozen=True)
class Origin:
    """Where a setting was stated: a file of base with its line (from 1), or its flag's name."""

    source: str
    line: int | None = None


@dataclass(frozen=True)
class Setting:
    """One setting's description, as the reference shows it and the loader applies it.

    ``key`` is its name in TOML and as an action input, ``flag`` its command-line option.
    ``default`` is the reference's word for what holds when it is not stated. ``weaker`` tells of
    base's and head's value whether the latter lets more through. ``secret`` values are never shown.
    """

    key: str
    attribute: str
    kind: Kind
    help: str
    default: str
    flag: str | None
    weaker: Callable[[Any, Any], bool]
    secret: bool


def described(
    kind: Kind,
    default: Any,
    help: str,  # noqa: A002 # the field's name; the builtin is not used here
    *,
    flag: str | None = None,
    shown: str | None = None,
    weakened: Callable[[Any, Any], bool] = weaker.never,
    secret: bool = False,
) -> Any:
    """A field of ``Settings`` with its description; the arguments are those of ``Setting``."""
    metadata = {
        "kind": kind,
        "help": help,
        "flag": flag,
        "shown": shown,
        "weaker": weakened,
        "secret": secret,
    }
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


NO_TABLE: Mapping[str, Any] = MappingProxyType({})


def shown_default(default: object) -> str:
    """A default as TOML writes it."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if default == ():
        return "`[]`"
    return "none" if default is None else f"`{default}`" if default != NO_TABLE else "`{}`"
