"""Settings from base's configuration file, action inputs, the environment and flags."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bot.projects.tree import TreeView
from bot.settings.model import Settings, settings
from bot.settings.rules import Rule
from bot.settings.setting import Origin, Setting
from bot.settings.source import ConfigurationFile, SettingsError, find_file, read_file

DATABASE_URL_VARIABLE = "DB_RECHECK_DATABASE_URL"

Catalogue = Mapping[str, Collection[str]]
"""Every policy's id, and the names of its options."""


def load_settings(
    view: TreeView,
    config_path: str | None = None,
    flags: Mapping[str, object] | None = None,
    inputs: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    catalogue: Catalogue | None = None,
    config_bytes: bytes | None = None,
) -> Settings:
    """The settings of a run; what comes later wins: file, inputs, environment variable, flags.

    Args:
        view: base's tree.
        config_path: a configuration file to read instead of the usual ones, in base's tree.
        flags: by key ("fail-on"); None and absent ones are not stated. Text, numbers, booleans and
            lists of text.
        inputs: of the Action, by key; empty ones are not stated.
        environ: of this process, for ``DB_RECHECK_DATABASE_URL`` alone.
        catalogue: the known policies; without it, policy ids are not checked.
        config_bytes: what ``config_path`` holds when base's tree does not hold it.

    Raises:
        SettingsError: an unknown key or a wrong value, with its file and line.
    """
    if config_path is None:
        file = find_file(view)
    else:
        data = view.read(config_path)
        data = config_bytes if data is None else data
        if data is None:
            raise SettingsError(config_path, None, "there is no such file at base")
        file = read_file(config_path, data)
    values, stated = file_values(file, catalogue)
    texts = [(f"input {key}", key, text) for key, text in (inputs or {}).items() if text.strip()]
    url = (environ or {}).get(DATABASE_URL_VARIABLE)
    if url:
        texts.append((DATABASE_URL_VARIABLE, "database-url", url))
    for source, key, text in texts:
        _state(values, stated, source, key, text)
    for key, value in (flags or {}).items():
        if value is not None:
            _state(values, stated, _setting(key, f"--{key}", None).flag or f"--{key}", key, value)
    _check_policies(values, stated, catalogue)
    return Settings(**values, stated=MappingProxyType(stated))


def file_values(
    file: ConfigurationFile, catalogue: Catalogue | None = None
) -> tuple[dict[str, Any], dict[str, Origin]]:
    """The file's settings, by attribute of ``Settings``, and by key where they stand.

    Raises:
        SettingsError: an unknown key or a wrong value.
    """
    values: dict[str, Any] = {}
    stated: dict[str, Origin] = {}
    for key, value in file.table.items():
        line = file.line(key)
        setting = _setting(key, file.path, line)
        stated[key] = Origin(file.path, line)
        try:
            values[setting.attribute] = setting.kind.from_toml(value)
        except ValueError:
            names = _misfit(setting, value)
            message = _expected(setting, value)
            message += f"; `{names[0]}` does not fit" if names else ""
            raise SettingsError(file.path, file.line(key, *names), message) from None
        if isinstance(value, dict):
            stated |= {f"{key}.{name}": Origin(file.path, file.line(key, name)) for name in value}
    rules: tuple[Rule, ...] = values.get("custom", ())
    for rule, line in zip(rules, file.lines("custom", len(rules)), strict=True):
        stated[f"custom.{rule.name}"] = Origin(file.path, line)
    _check_policies(values, stated, catalogue)
    return values, stated


def _state(
    values: dict[str, Any], stated: dict[str, Origin], source: str, key: str, value: object
) -> None:
    """One setting from an input, flag or variable."""
    setting = _setting(key, source, None)
    try:
        plain = setting.kind.from_text(value) if isinstance(value, str) else value
        plain = list(plain) if isinstance(plain, tuple) else plain
        values[setting.attribute] = setting.kind.from_toml(plain)
    except (ValueError, OverflowError):
        raise SettingsError(source, None, _expected(setting, value)) from None
    stated[key] = Origin(source)
    if isinstance(plain, dict):
        stated |= {f"{key}.{name}": Origin(source) for name in plain}


def _setting(key: str, path: str, line: int | None) -> Setting:
    known = {item.key: item for item in settings()}
    if key not in known:
        hint = did_you_mean(key, known)
        raise SettingsError(path, line, f"there is no setting `{key}`{hint}")
    return known[key]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What to put behind "there is no such …": the closest known word, or nothing."""
    close = difflib.get_close_matches(word.lower().replace("_", "-"), list(known), 1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _expected(setting: Setting, value: object) -> str:
    message = f"`{setting.key}` must be {setting.kind.expected}"
    if setting.secret or isinstance(value, dict):
        return message
    shown = repr(value)
    return f"{message}, not {shown if len(shown) <= 60 else shown[:59] + '…'}"  # noqa: PLR2004 # one line


def _misfit(setting: Setting, value: object) -> tuple[str, ...]:
    """The name of the table's entry that does not fit, nothing when that cannot be told."""
    for name, entry in value.items() if isinstance(value, dict) else ():
        try:
            setting.kind.from_toml({name: entry})
        except ValueError:
            return (name,)
    return ()


def _check_policies(
    values: Mapping[str, Any], stated: Mapping[str, Origin], catalogue: Catalogue | None
) -> None:
    """Every policy id, and every option of one, has to be known."""
    if catalogue is None:
        return
    catalogue = {**catalogue, **{rule.id: () for rule in values.get("custom", ())}}
    for key in ("policies", "policy"):
        for name, options in values.get(key, {}).items():
            origin = stated.get(f"{key}.{name}", stated[key])
            if name not in catalogue:
                hint = did_you_mean(name, catalogue)
                raise SettingsError(
                    origin.source, origin.line, f"there is no policy `{name}`{hint}"
                )
            for option in options if key == "policy" else ():
                if option not in catalogue[name]:
                    hint = did_you_mean(option, catalogue[name])
                    message = f"policy `{name}` has no option `{option}`{hint}"
                    raise SettingsError(origin.source, origin.line, message)
