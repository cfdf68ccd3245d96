"""The Action's inputs, as the runner hands them over: `INPUT_` and the name in capitals.

Hyphens stay in the name (actions/runner: ContainerActionHandler.cs, "INPUT_").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.settings import SettingsError, settings
from bot.settings.load import did_you_mean

OWN = ("token", "config", "cache-dir", "mode", "base", "facts", "matrix")
"""Inputs that are no setting."""

NO_INPUT = frozenset({"cache", "custom", "policy", "trust-head"})
"""Settings without an input: `cache-dir` is the first's; the others stand in base's file alone."""

_PREFIX = "INPUT_"
_DOCKERS = ("args", "entrypoint")  # inputs of every `uses: docker://…`, which the runner acts on


class Mode(Enum):
    """What the Action does."""

    CHECK = "check"
    OBSERVE = "observe"
    REPORT = "report"
    PLAN = "plan"


@dataclass(frozen=True)
class Inputs:
    """What the workflow asks for.

    ``token`` is never shown and goes to ``bot.github`` and to git's fetch alone. ``config`` and
    ``cache_dir`` are paths relative to the workspace, ``facts`` a glob relative to it, ``matrix``
    the output of ``mode: plan``, ``base`` the commit to merge into instead of the event's; each is
    "" when not stated. ``settings`` holds the texts of the settings' inputs by key.
    """

    mode: Mode = Mode.CHECK
    token: str = field(default="", repr=False)
    config: str = ""
    cache_dir: str = ""
    base: str = ""
    facts: str = ""
    matrix: str = ""
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)


def names() -> tuple[str, ...]:
    """Every input's name, as in action.yml."""
    return (*OWN, *(item.key for item in settings() if item.key not in NO_INPUT))


def read_inputs(environ: Mapping[str, str]) -> Inputs:
    """The inputs in an environment; blank ones count as not stated.

    Raises:
        SettingsError: an input that there is not, or an unknown mode.
    """
    known = names()
    stated = {
        name.removeprefix(_PREFIX).lower(): value.strip()
        for name, value in environ.items()
        if name.startswith(_PREFIX) and value.strip()
    }
    for name in stated:
        if name not in known and name not in _DOCKERS:
            raise SettingsError(
                f"input {name}", None, f"there is no such input{did_you_mean(name, known)}"
            )
    return Inputs(
        mode=_mode(stated.get("mode", Mode.CHECK.value)),
        token=stated.get("token", ""),
        config=stated.get("config", ""),
        cache_dir=stated.get("cache-dir", ""),
        base=stated.get("base", ""),
        facts=stated.get("facts", ""),
        matrix=stated.get("matrix", ""),
        settings={name: text for name, text in stated.items() if name in known and name not in OWN},
    )


def _mode(word: str) -> Mode:
    try:
        return Mode(word)
    except ValueError:
        known = [mode.value for mode in Mode]
        listed = ", ".join(f"`{name}`" for name in known)
        raise SettingsError(
            "input mode", None, f"must be one of {listed}{did_you_mean(word, known)}"
        ) from None
