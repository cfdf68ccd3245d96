"""What a change does to the settings themselves, and which of both sides' settings hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.facts import ConfigurationChange
from bot.projects.tree import TreeView
from bot.settings.load import Catalogue, file_values
from bot.settings.model import Settings, settings
from bot.settings.setting import Setting
from bot.settings.source import ConfigurationFile, find_file

_UNSTATED = Settings()
_TABLES = frozenset({"policies", "environment", "naming", "policy"})


def effective(base: Settings, head: Settings) -> Settings:
    """The settings that hold: base's, unless base's own say ``trust-head``."""
    return head if base.trust_head else base


def configuration_changes(
    base: TreeView,
    head: TreeView,
    *,
    severities: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    defaults: Settings = _UNSTATED,
) -> tuple[ConfigurationChange, ...]:
    """The settings that head's configuration file states otherwise than base's, in order of keys.

    ``severities`` are the catalogue's own weights of the policies by id: what holds where a file
    says nothing. Without them a policy counts as ``block``. ``defaults`` are what other settings
    hold then, where base's preset says otherwise than this program. Entries of tables are changes
    of their own ("policies.some-id"). Values of variables and URLs are not shown.

    Raises:
        SettingsError: one side's file is not what it has to be, with its file and line.
    """
    before, after = find_file(base), find_file(head)
    old, _ = file_values(before, catalogue)
    new, _ = file_values(after, catalogue)
    used = bool(old.get("trust_head", False))
    return tuple(
        ConfigurationChange(
            path=_place(before, after, keys)[0],
            line=_place(before, after, keys)[1],
            key=".".join(keys),
            base=_told(setting, was),
            head=_told(setting, now),
            weakens=setting.weaker(
                _held(setting, keys, was, severities, defaults),
                _held(setting, keys, now, severities, defaults),
            ),
            used=used,
        )
        for setting, keys, was, now in _differences(old, new)
    )


_Difference = tuple[Setting, tuple[str, ...], Any, Any]


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Difference]:
    """Settings and entries of tables whose stated values differ; None where not stated."""
    for setting in settings():
        was, now = old.get(setting.attribute), new.get(setting.attribute)
        if setting.key not in _TABLES:
            if was != now:
                yield setting, (setting.key,), was, now
            continue
        was, now = was or {}, now or {}
        for name in sorted({*was, *now}):
            if was.get(name) != now.get(name):
                yield setting, (setting.key, name), was.get(name), now.get(name)


def _held(
    setting: Setting,
    keys: tuple[str, ...],
    value: Any,
    severities: Mapping[str, str] | None,
    defaults: Settings,
) -> Any:
    """What holds where the file states the value, None standing for nothing stated."""
    if value is not None:
        return value
    if setting.key == "policies":
        return (severities or {}).get(keys[1], "block")
    return None if setting.key in _TABLES else getattr(defaults, setting.attribute)


def _place(
    before: ConfigurationFile, after: ConfigurationFile, keys: tuple[str, ...]
) -> tuple[str, int]:
    """Where head states it; where nothing does, the table that stated it; else base's file."""
    if after.table:
        return after.path, after.line(*keys)
    return before.path, 1


def _told(setting: Setting, value: Any) -> str | None:
    if value is None:
        return None
    if setting.secret:
        return "(not shown)"
    if isinstance(value, Mapping):
        value = dict(value)
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
