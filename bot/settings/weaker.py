"""Which of two values of a setting lets more through: what ``Setting.weaker`` may be."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.settings.kinds import SEVERITIES

_LOOSENESS = ("warn", "block", "never")  # of fail-on: warn stops the most


def never(_base: Any, _head: Any) -> bool:
    """Whatever it is, as much is found."""
    return False


def always(_base: Any, _head: Any) -> bool:
    """Any other value may hide something."""
    return True


def switched_off(base: bool, _head: Any) -> bool:  # noqa: FBT001 # a setting's value, not a flag
    """It was on."""
    return base


def switched_on(_base: Any, head: bool) -> bool:  # noqa: FBT001 # a setting's value, not a flag
    """It is on now."""
    return head


def lower(base: float, head: float) -> bool:
    """Less is looked at."""
    return head < base


def higher(base: float, head: float) -> bool:
    """More is let through."""
    return head > base


def dropped(base: Collection[str] | None, head: Collection[str] | None) -> bool:
    """Something that was named no longer is."""
    return not set(base or ()) <= set(head or ())


def gained(base: Collection[str], head: Collection[str]) -> bool:
    """Something is exempt that was not."""
    return not set(head) <= set(base)


def narrowed(base: Collection[str], head: Collection[str]) -> bool:
    """Fewer are checked, where none named means all."""
    return bool(head) and (not base or not set(base) <= set(head))


def replaced(base: str | None, head: str | None) -> bool:
    """What was chosen is chosen no more; choosing something where nothing was is stricter."""
    return base is not None and head != base


def looser(base: str, head: str) -> bool:
    """The run fails on less."""
    return _LOOSENESS.index(head) > _LOOSENESS.index(base)


def lighter(base: str, head: str) -> bool:
    """A policy weighs less."""
    return SEVERITIES.index(head) < SEVERITIES.index(base)


def less_installed(base: str, head: str) -> bool:
    """A command of the change's choosing, or nothing is installed any more."""
    return head not in ("auto", base)
