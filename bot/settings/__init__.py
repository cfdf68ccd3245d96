"""One typed field per setting, where its value comes from, and what a change does to it."""

from __future__ import annotations

from bot.settings.changes import configuration_changes, effective
from bot.settings.load import Catalogue, load_settings
from bot.settings.model import Settings, settings
from bot.settings.own_files import OwnFile, own_changes, own_files, paths_of, policy_id
from bot.settings.rules import Rule
from bot.settings.setting import Origin, Setting
from bot.settings.source import SettingsError

__all__ = [
    "Catalogue",
    "Origin",
    "OwnFile",
    "Rule",
    "Setting",
    "Settings",
    "SettingsError",
    "configuration_changes",
    "effective",
    "load_settings",
    "own_changes",
    "own_files",
    "paths_of",
    "policy_id",
    "settings",
]
