"""A team's own policies as they are listed and explained: read, never run. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.custom.declared import declared_policy
from bot.custom.files import fault_of, file_policy
from bot.policy import DEFAULTS, Policy
from bot.settings import Rule, Settings
from bot.wording import code, several

_MOST = 30  # names of one list that are told


@dataclass(frozen=True)
class Own:
    """One of them: its policy, and the file and line (from 1) that define it.

    ``severity`` is what it weighs by the settings, ``off`` where they switch it off. ``asks`` are
    Markdown sentences on what a declared one wants. ``fault`` says why it cannot be run, as the
    rest of a sentence behind the file's name; "" where nothing speaks against it. The policy's
    texts are a stranger's.
    """

    policy: Policy
    severity: str
    path: str
    line: int | None = None
    asks: tuple[str, ...] = ()
    fault: str = ""

    @property
    def place(self) -> str:
        """``path:line``."""
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True)
class Listed:
    """The policies that base has, and what a reader calls it; ``unknown`` says why none is told."""

    own: tuple[Own, ...] = ()
    base: str = ""
    unknown: str = ""


def listed(settings: Settings, base: str) -> Listed:
    """The declared ones and those in Python, in that order."""
    declared = (_declared(rule, settings) for rule in settings.custom)
    files = (
        _own(file_policy(file, DEFAULTS, None), settings, file.path, 1, fault=fault_of(file))
        for file in settings.own_files
    )
    return Listed((*declared, *files), base)


def _own(
    policy: Policy,
    settings: Settings,
    path: str,
    line: int | None,
    *,
    asks: tuple[str, ...] = (),
    fault: str = "",
) -> Own:
    severity = settings.policies.get(policy.id, policy.severity.value)
    return Own(policy, severity, path, line, asks, fault)


def _declared(rule: Rule, settings: Settings) -> Own:
    origin = settings.stated.get(f"custom.{rule.name}")
    policy = declared_policy(rule)
    path, line = (origin.source, origin.line) if origin else ("the configuration", None)
    return _own(policy, settings, path, line, asks=tuple(_asks(rule)))


def _asks(rule: Rule) -> Iterator[str]:
    if rule.required_columns:
        yield f"Every new table needs {several(rule.required_columns, _MOST)}."
    if rule.forbidden_types:
        yield f"No new column may have the type {several(rule.forbidden_types, _MOST)}."
    if rule.table_names:
        yield f"The name of a new table has to match {code(rule.table_names)}."
    if rule.column_names:
        yield f"The name of a new column has to match {code(rule.column_names)}."
    if rule.tables:
        yield f"It concerns the tables {several(rule.tables, _MOST)}."
    if rule.exempt:
        yield f"It does not concern {several(rule.exempt, _MOST)}."
