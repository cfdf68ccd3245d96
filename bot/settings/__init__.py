"""One typed field per setting, where its value comes from, and what a change does to it."""

from __future__ import annotations

from bot.settings.changes import configuration_changes, effective
from bot.settings.load import Catalogue, load_settings
from bot.settings.model import Settings, settings
from bot.settings.setting import Origin, Setting
from bot.settings.source import SettingsError

__all__ = [
    "Catalogue",
    "Origin",
    "Setting",
    "Settings",
    "SettingsError",
    "configuration_changes",
    "effective",
    "load_settings",
    "settings",
]
