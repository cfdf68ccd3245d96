"""A change of the settings themselves is told, and whether it lets more through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.settings import SettingsError, configuration_changes, effective, load_settings

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("base", "head", "weakens"),
    [
        ("fail-on = 'warn'", "fail-on = 'block'", True),
        ("", "fail-on = 'never'", True),
        ("fail-on = 'never'", "", False),
        ("strict = true", "", True),
        ("", "strict = true", False),
        ("", "projects = ['a']", True),
        ("projects = ['a']", "projects = ['a', 'b']", False),
        ("projects = ['a', 'b']", "projects = ['a']", True),
        ("projects = ['a']", "", False),
        ("policies.x = 'block'", "policies.x = 'note'", True),
        ("policies.x = 'note'", "policies.x = 'block'", False),
        ("", "policies.warned = 'note'", True),
        ("", "policies.warned = 'warn'", False),
        ("", "policies.warned = 'block'", False),
        ("policies.warned = 'block'", "", True),
        ("policies.warned = 'off'", "", False),
        ("", "superuser = true", True),
        ("", "install = 'never'", True),
        ("install = 'never'", "", False),
        ("", "install = 'sh setup.sh'", True),
        ("", "database-url = 'postgresql://h/x'", True),
        ("", "environment.A = '1'", False),
        ("", "timeout = 5", False),
        ("rows = 100", "rows = 0", True),
        ("", "small-table-rows = 1000000", True),
        ("", "max-blocking-seconds = 60", True),
        ("tenant-exempt = ['a']", "tenant-exempt = ['a', 'b']", True),
        ("packs = ['a']", "packs = []", True),
        ("preset = 'a'", "preset = 'b'", True),
        ("", "preset = 'b'", False),
        ("policy.x.most = 1", "policy.x.most = 2", True),
        ("", "comment = 'never'", False),
        ("", "trust-head = true", True),
    ],
)
def test_whether_it_weakens(tree: Make, base: str, head: str, weakens: bool) -> None:  # noqa: FBT001 # a table
    """Looser, lower, fewer, off: more would get through."""
    (change,) = configuration_changes(tree(base), tree(head), severities={"warned": "warn"})
    assert change.weakens is weakens
    assert not change.used


def test_the_same_settings_in_another_place_are_no_change(tree: Make) -> None:
    """Order, comments and the file do not matter."""
    base = tree("strict = true\nrows = 5\n")
    head = tree(pyproject__toml="[tool.db-recheck]\nrows = 5 # x\nstrict = true\n")
    assert configuration_changes(base, head) == ()
    assert configuration_changes(tree(), tree()) == ()


def test_a_change_has_the_line_of_heads_file(tree: Make) -> None:
    """What is gone sits on its table, or on line 1 of the file that held it."""
    base = tree("strict = true\n[policies]\na = 'block'\nb = 'warn'\n")
    head = tree("\n\n[policies]\n\na = 'off'\n")
    changes = {item.key: item for item in configuration_changes(base, head)}
    assert (changes["policies.a"].line, changes["policies.a"].head) == (5, "off")
    assert (changes["policies.b"].line, changes["policies.b"].head) == (3, None)
    assert (changes["strict"].line, changes["strict"].base) == (1, "true")
    (gone,) = configuration_changes(tree("strict = true"), tree())
    assert (gone.path, gone.line) == (".db-recheck.toml", 1)


def test_no_secret_is_shown(tree: Make) -> None:
    """Values of URLs and variables stay out of the report."""
    head = "database-url = 'postgresql://u:secret@h/x'\nenvironment.KEY = 'secret'\n"
    changes = configuration_changes(tree(""), tree(head))
    assert [item.key for item in changes] == ["database-url", "environment.KEY"]
    assert "secret" not in repr(changes)


def test_heads_settings_hold_only_where_base_trusts_it(tree: Make) -> None:
    """Head cannot grant itself that trust."""
    loose = tree("fail-on = 'never'\ntrust-head = true\n")
    base, head = load_settings(tree("")), load_settings(loose)
    assert effective(base, head).fail_on == "block"
    trusting = tree("trust-head = true")
    assert effective(load_settings(trusting), head).fail_on == "never"
    assert configuration_changes(trusting, loose)[0].used


def test_a_mistake_in_heads_file_is_told_before_it_is_merged(tree: Make) -> None:
    """After the merge it would stop every run."""
    with pytest.raises(SettingsError, match=r"\.db-recheck\.toml:1: .*did you mean `strict`"):
        configuration_changes(tree(""), tree("strickt = true"))
