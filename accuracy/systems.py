"""The systems that are compared, as ``mapping.toml`` names them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAPPING = Path(__file__).with_name("mapping.toml")


@dataclass(frozen=True)
class System:
    """A peer: what to install, what it is shown as, and which policies its rules stand for."""

    name: str
    packages: tuple[str, ...]
    shown: str
    what: str
    rules: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def claims(self) -> frozenset[str]:
        """The policies that it has a rule for."""
        return frozenset(policy for ids in self.rules.values() for policy in ids)


def systems() -> tuple[System, ...]:
    """Every peer in the order of the file."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(MAPPING.read_text("utf-8"))
    found = []
    for name, table in tables.items():
        source = tables[table.get("rules_of", name)]
        own = table.get("left_out", {})
        found.append(
            System(
                name,
                tuple(table["packages"]),
                table["shown"],
                table["what"],
                {rule: tuple(ids) for rule, ids in source["rules"].items() if rule not in own},
                {**own, **source.get("left_out", {})},
            )
        )
    return tuple(found)
