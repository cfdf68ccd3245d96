"""What a policy is: one module, a docstring, a severity and a pure ``check`` over facts."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from inspect import signature
from types import MappingProxyType, ModuleType
from typing import TypeVar

import bot.policies
from bot.facts import Facts
from bot.waivers import Waivers


class Severity(Enum):
    """How much a finding weighs: ``block`` fails the check by default."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """3 for block, 2 for warn, 1 for note."""
        return {"block": 3, "warn": 2, "note": 1}[self.value]


class Confidence(Enum):
    """How a finding is known: the database showed it, a parse or graph tells, or it is a guess."""

    OBSERVED = "observed"
    CERTAIN = "certain"
    LIKELY = "likely"


@dataclass(frozen=True)
class Remedy:
    """One way out: a title, Markdown text with complete code in the reader's names, its price.

    ``patch`` is a unified diff on the revision file where the fix is mechanical.
    """

    title: str
    text: str = ""
    trade_off: str = ""
    patch: str | None = None


@dataclass(frozen=True)
class Finding:
    """What one policy says about one place. The policy's id and group are added by ``judge``.

    ``path`` and ``line`` always point into the head's file. ``severity`` overrides the policy's
    own where the catalogue gives a case another weight. ``subject`` is what the finding is about
    (a revision id, an object, a waiver): it makes the fingerprint, so it must not contain line
    numbers. ``message`` and ``remedies`` are Markdown; names in it go through ``bot.wording.code``.
    """

    path: str
    line: int
    title: str
    message: str
    subject: str
    confidence: Confidence
    severity: Severity | None = None
    end_line: int | None = None
    project: str | None = None
    revision: str | None = None
    tables: tuple[str, ...] = ()
    count: int = 1
    column: str | None = None
    remedies: tuple[Remedy, ...] = ()


T = TypeVar("T")


class Unjudged(Exception):
    """A policy of the team's own could not be asked: why, and what to do about it."""

    def __init__(self, why: str, do: str) -> None:
        super().__init__(why)
        self.why = why
        self.do = do


@dataclass(frozen=True)
class Options:
    """What the settings say to policies: handed to each ``check`` that has a second parameter.

    ``policy`` holds the options of single policies, by the policy's id (``[policy.<id>]``); the
    names that a policy knows are those of its ``OPTIONS``. ``tenant_column`` and ``tenant_table``
    are None where nobody stated them.
    """

    small_table_rows: int = 10_000
    max_blocking_seconds: float = 5.0
    check_downgrade_locks: bool = False
    naming: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    issue_pattern: str | None = None
    direct_override: bool = False
    policy: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))
    tenant_column: str | None = None
    tenant_table: str | None = None
    tenant_exempt: tuple[str, ...] = ()

    def of(self, policy: str, option: str, default: T) -> T:
        """The value of a policy's option, the default where none of that type was stated."""
        value = self.policy.get(policy, {}).get(option, default)
        if isinstance(default, tuple) and isinstance(value, list):
            value = tuple(item for item in value if isinstance(item, str))  # TOML has lists alone
        return value if isinstance(value, type(default)) else default


DEFAULTS = Options()

Check = Callable[..., Iterator[Finding]]
"""``check(facts)``; ``check(facts, options=DEFAULTS)`` of a policy that asks for settings."""
CheckWaivers = Callable[[Waivers], Iterator[Finding]]


@dataclass(frozen=True)
class Policy:
    """A policy as found: its id is its file's name with dashes, its group the folder's name.

    It has one of two functions: ``check`` looks at the facts, ``check_waivers`` at what became of
    the change's waivers once every ``check`` has run. ``options`` are the names of its own options,
    each with its meaning. ``sees_secrets``: it gets facts in which secrets are not hidden, and
    never shows them. With ``by_size`` what it reports hurts the more the larger a table is: so do
    all of the group ``locking`` but those that say ``BY_SIZE = False``. ``told_by`` are policies
    that say the same of a column, or of a line, with a better reason: this one then does not
    (``bot.once``).
    """

    id: str
    group: str
    severity: Severity
    pack: str
    presets: tuple[int, ...]
    seen: str
    why: str
    instead: str
    references: tuple[str, ...]
    check: Check | None = None
    check_waivers: CheckWaivers | None = None
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    sees_secrets: bool = False
    by_size: bool = False
    told_by: tuple[str, ...] = ()

    def look(self, facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
        """What ``check`` says of the facts; nothing where the policy has none."""
        if self.check is None:
            return iter(())
        asks = len(signature(self.check).parameters) > 1
        return self.check(facts, options) if asks else self.check(facts)


def _read(module: ModuleType) -> Policy:
    *_, group, stem = module.__name__.split(".")
    body, _, tail = (module.__doc__ or "").partition("Reference:")
    seen, why, instead = [*body.strip().split("\n\n", 2), "", ""][:3]
    return Policy(
        id=stem.replace("_", "-"),
        group=group,
        severity=module.SEVERITY,
        pack=getattr(module, "PACK", "core"),
        presets=getattr(module, "PRESETS", ()),
        seen=" ".join(seen.split()),
        why=" ".join(why.split()),
        instead=instead.strip(),
        references=tuple(tail.split()),
        check=getattr(module, "check", None),
        check_waivers=getattr(module, "check_waivers", None),
        options=MappingProxyType(getattr(module, "OPTIONS", {})),
        sees_secrets=getattr(module, "SEES_SECRETS", False),
        by_size=getattr(module, "BY_SIZE", group == "locking"),
        told_by=getattr(module, "TOLD_BY", ()),
    )


@cache
def policies() -> tuple[Policy, ...]:
    """Every policy under ``bot.policies``, found by being there, ordered by group and id."""
    found = [
        _read(importlib.import_module(info.name))
        for info in pkgutil.walk_packages(bot.policies.__path__, "bot.policies.")
        if not info.ispkg
    ]
    return tuple(sorted(found, key=lambda policy: (policy.group, policy.id)))
