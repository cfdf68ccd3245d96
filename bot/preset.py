"""Presets: a written standard as a configuration that a team's own is laid over."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from bot.judge import PRESETS
from bot.settings import Origin, Settings, SettingsError, settings
from bot.settings.load import did_you_mean

_OWN = ("number", "title")
_BY_POLICY = ("policies", "policy")


@dataclass(frozen=True)
class Preset:
    """One preset.

    ``values`` are settings by attribute. ``policies`` and ``policy`` are the weights and options of
    policies by id, where the standard asks for others than the catalogue's.
    """

    name: str
    number: int
    title: str
    values: Mapping[str, Any]
    policies: Mapping[str, str]
    policy: Mapping[str, Mapping[str, Any]]


@cache
def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        KeyError: there is none.
    """
    if name not in PRESETS:
        raise KeyError(name)
    table = tomllib.loads(source(name))
    known = {item.key: item for item in settings()}
    values = {
        key: known[key].kind.from_toml(value) for key, value in table.items() if key not in _OWN
    }
    return Preset(
        name=name,
        number=table["number"],
        title=table["title"],
        values=MappingProxyType(
            {known[key].attribute: value for key, value in values.items() if key not in _BY_POLICY}
        ),
        policies=values.get("policies", MappingProxyType({})),
        policy=values.get("policy", MappingProxyType({})),
    )


def source(name: str, kind: str = "") -> str:
    """The text of one of a preset's files."""
    return (files("bot.presets") / f"{name}{kind}.toml").read_text("utf-8")


def with_preset(stated: Settings, known: Collection[str]) -> Settings:
    """The settings with what their preset says where they say nothing themselves.

    ``known`` are the ids of the policies that there are.

    Raises:
        SettingsError: there is no preset of that name.
    """
    if stated.preset is None:
        return stated
    if stated.preset not in PRESETS:
        origin = stated.stated.get("preset", Origin("preset"))
        hint = did_you_mean(stated.preset, PRESETS) or f"; there are {', '.join(PRESETS)}"
        message = f"there is no preset `{stated.preset}`{hint}"
        raise SettingsError(origin.source, origin.line, message)
    chosen = preset(stated.preset)
    silent = {
        attribute: value
        for attribute, value in chosen.values.items()
        if attribute.replace("_", "-") not in stated.stated
    }
    weights = {name: weight for name, weight in chosen.policies.items() if name in known}
    options = {
        name: MappingProxyType({**chosen.policy.get(name, {}), **stated.policy.get(name, {})})
        for name in {*chosen.policy, *stated.policy}
    }
    return replace(
        stated,
        **silent,
        policies=MappingProxyType({**weights, **stated.policies}),
        policy=MappingProxyType(options),
    )
