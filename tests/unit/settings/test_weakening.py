"""For every setting: base's value holds, whatever head's file says, and what is weaker is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.settings import configuration_changes, effective, load_settings
from bot.settings.model import settings

# key: base's file, head's file, whether head's lets more through
CHANGES = {
    "packs": ("packs = ['tenancy']", "packs = []", True),
    "preset": ("preset = 'a'", "preset = 'b'", True),
    "policies": ("", "policies.failing-upgrade = 'off'", True),
    "fail-on": ("", "fail-on = 'never'", True),
    "strict": ("strict = true", "strict = false", True),
    "projects": ("", "projects = ['a']", True),
    "database-url": ("", "database-url = 'postgresql://h/x'", True),
    "shared-server": ("", "shared-server = true", True),
    "postgres": ("", "postgres = 17", False),
    "superuser": ("", "superuser = true", True),
    "extensions": ("", "extensions = ['citext']", False),
    "install": ("", "install = 'sh setup.sh'", True),
    "python-version": ("", "python-version = '3.12'", False),
    "environment": ("", "environment.A = '1'", False),
    "timeout": ("", "timeout = 5", False),
    "rows": ("", "rows = 0", True),
    "seed-sql": ("seed-sql = ['a.sql']", "seed-sql = []", True),
    "table-stats": ("", "table-stats = 'small.json'", True),
    "small-table-rows": ("", "small-table-rows = 1000000000", True),
    "max-blocking-seconds": ("", "max-blocking-seconds = 3600", True),
    "check-downgrade-locks": ("check-downgrade-locks = true", "", True),
    "tenant-column": ("", "tenant-column = 'x'", True),
    "tenant-table": ("", "tenant-table = 'x'", True),
    "tenant-exempt": ("", "tenant-exempt = ['users']", True),
    "naming": ("", "naming.pk = '.*'", True),
    "queries": ("queries = 'a.sql'", "", True),
    "issue-pattern": ("", "issue-pattern = '.*'", True),
    "direct-override": ("", "direct-override = true", True),
    "policy": ("", "policy.unbatched-backfill.most = 99", True),
    "report-parts": ("report-parts = ['models']", "report-parts = []", False),
    "custom": (
        "[[custom]]\nname = 'a'\ntable-names = '.*s'",
        "[[custom]]\nname = 'b'\ntable-names = '.*s'",
        True,
    ),
    "comment": ("", "comment = 'never'", False),
    "cache": ("", "cache = 'x'", False),
    "trust-head": ("", "trust-head = true", True),
}
Make = Callable[..., Any]


def test_every_setting_is_decided() -> None:
    """A new setting is listed here, so that somebody has asked what a pull request makes of it."""
    assert list(CHANGES) == [item.key for item in settings()]


@pytest.mark.parametrize("key", CHANGES)
def test_base_holds_and_what_is_weaker_is_told(tree: Make, key: str) -> None:
    """Head's value counts only where base's own file says `trust-head = true`."""
    stated, wanted, weaker = CHANGES[key]
    base, head = tree(stated), tree(f"{wanted}\n")
    (change,) = configuration_changes(base, head)
    assert change.key.partition(".")[0] == key
    assert (change.weakens, change.used) == (weaker, False)
    assert effective(load_settings(base), load_settings(head)) == load_settings(base)
    trusting = tree(f"trust-head = true\n{stated}")
    both = tree(f"{wanted}\n") if key == "trust-head" else tree(f"trust-head = true\n{wanted}")
    held = effective(load_settings(trusting), load_settings(both))
    assert held == load_settings(both)


@pytest.mark.parametrize("key", CHANGES)
def test_head_cannot_trust_itself(tree: Make, key: str) -> None:
    """The same with `trust-head` of its own beside it: base still holds, and both are told."""
    stated, wanted, _ = CHANGES[key]
    own = wanted if key == "trust-head" else f"trust-head = true\n{wanted}"
    base, head = load_settings(tree(stated)), load_settings(tree(own))
    assert effective(base, head) == base
    told = {change.key: change for change in configuration_changes(tree(stated), tree(own))}
    assert told["trust-head"].weakens
    assert not any(change.used for change in told.values())
