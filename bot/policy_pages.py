"""`db-recheck policies`: what is checked, why, how to fix it, how to allow it."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator

from bot.judge import PRESETS
from bot.policy import Policy, policies

_NUMBERS = range(1, len(PRESETS) + 1)


class UnknownPolicy(Exception):
    """There is no policy of that id; the message names the closest one."""


def list_policies() -> str:
    """All policies, a line each, by group."""
    lines: list[str] = []
    group = ""
    for policy in policies():
        if policy.group != group:
            lines += ["", policy.group] if lines else [policy.group]
            group = policy.group
        numbers = "".join(str(each) if each in policy.presets else "·" for each in _NUMBERS)
        lines.append(
            f"  {policy.id:<34} {policy.severity.value:<6} {policy.pack:<13} {numbers}"
            f"  {_first(policy.seen)}"
        )
    named = ", ".join(f"{number} {name}" for number, name in enumerate(PRESETS, 1))
    lines += ["", f"Columns: policy, severity, pack, presets that demand it ({named})."]
    return "\n".join(lines) + "\n"


def _first(text: str) -> str:
    return textwrap.shorten(text, 96, placeholder=" …")


def show_policy(name: str) -> str:
    """One policy in full.

    Raises:
        UnknownPolicy: there is none of that id.
    """
    found = next((policy for policy in policies() if policy.id == name), None)
    if found is None:
        close = difflib.get_close_matches(name, [policy.id for policy in policies()], 1)
        hint = f"; did you mean {close[0]}?" if close else "; see `db-recheck policies`"
        raise UnknownPolicy(f"there is no policy {name}{hint}")
    return _page(found)


_HOW_TO_ALLOW = """To allow it, on its line or the one above, with your reason:
  # db-recheck: allow {}: <reason>"""


def _options(policy: Policy) -> Iterator[str]:
    if policy.options:
        yield f"Options, in [tool.db-recheck.policy.{policy.id}]:"
    for name, meaning in policy.options.items():
        yield f"  {name}: {meaning}"


def _page(policy: Policy) -> str:
    presets = ", ".join(PRESETS[number - 1] for number in policy.presets) or "none"
    parts = [
        policy.id,
        f"group {policy.group} · {policy.severity.value} · pack {policy.pack} · presets {presets}",
        *(textwrap.fill(part, 96) for part in (policy.seen, policy.why)),
        policy.instead,
        _HOW_TO_ALLOW.format(policy.id),
        "\n".join(_options(policy)),
        *(f"See {reference}" for reference in policy.references),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
