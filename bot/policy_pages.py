"""`db-recheck policies`: what is checked, why, how to fix it, how to allow it."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Callable, Iterator

from bot.custom.listed import Listed, Own
from bot.judge import PRESETS
from bot.markup import plain
from bot.policy import Policy, policies
from bot.wording import inert

_NUMBERS = range(1, len(PRESETS) + 1)
NONE = Listed()


class UnknownPolicy(Exception):
    """There is no policy of that id; the message names the closest one."""


def list_policies(own: Listed = NONE) -> str:
    """All policies, a line each, by group; those of the repository itself last."""
    lines: list[str] = []
    group = ""
    for policy in policies():
        if policy.group != group:
            lines += ["", policy.group] if lines else [policy.group]
            group = policy.group
        numbers = "".join(str(each) if each in policy.presets else "·" for each in _NUMBERS)
        row = _row(policy.id, policy.severity.value, policy.pack, numbers)
        lines.append(f"{row}  {_first(policy.seen)}")
    lines += _own_lines(own)
    named = ", ".join(f"{number} {name}" for number, name in enumerate(PRESETS, 1))
    lines += ["", f"Columns: policy, severity, pack, presets that demand it ({named})."]
    return "\n".join(lines) + "\n"


def _own_lines(own: Listed) -> Iterator[str]:
    if own.own:
        yield ""
        yield f"custom, this repository's own on {_said(own.base)}"
    for each in own.own:
        text = _said(" ".join(each.asks)) or _said(each.policy.seen)
        row = _row(each.policy.id, each.severity, each.policy.pack, "·" * len(PRESETS))
        yield f"{row}  {_first(text)} ({_said(each.place)})"
    if own.unknown:
        yield ""
        yield f"Policies of this repository's own are not listed: {_said(own.unknown)}"


def _row(name: str, severity: str, pack: str, presets: str) -> str:
    return f"  {name:<34} {severity:<6} {pack:<13} {presets}"


def _first(text: str) -> str:
    return textwrap.shorten(text, 96, placeholder=" …")


def _said(markdown: str) -> str:
    """A stranger's text on a terminal: nothing in it moves the cursor or commands a runner."""
    return inert(plain(markdown))


def show_policy(name: str, own: Callable[[], Listed] = lambda: NONE) -> str:
    """One policy in full; ``own`` reads the repository's, where the catalogue has none of that id.

    Raises:
        UnknownPolicy: there is none of that id.
    """
    catalogue = {policy.id: policy for policy in policies()}
    if name in catalogue:
        return _page(catalogue[name])
    known = own()
    custom = {each.policy.id: each for each in known.own}
    if name in custom:
        return _own_page(custom[name], known.base)
    close = difflib.get_close_matches(name, [*catalogue, *custom], 1)
    hint = f"; did you mean {close[0]}?" if close else "; see `db-recheck policies`"
    if known.unknown:
        hint += f" (policies of this repository's own were not read: {_said(known.unknown)})"
    raise UnknownPolicy(f"there is no policy {name}{hint}")


_HOW_TO_ALLOW = """To allow it, on its line or the one above, with your reason:
  # db-recheck: allow {}: <reason>"""


def _options(policy: Policy) -> Iterator[str]:
    if policy.options:
        yield f"Options, in [tool.db-recheck.policy.{policy.id}]:"
    for name, meaning in policy.options.items():
        yield f"  {name}: {meaning}"


def _page(policy: Policy) -> str:
    presets = ", ".join(PRESETS[number - 1] for number in policy.presets) or "none"
    return _paragraphs(
        policy.id,
        f"group {policy.group} · {policy.severity.value} · pack {policy.pack} · presets {presets}",
        *(textwrap.fill(part, 96) for part in (policy.seen, policy.why)),
        policy.instead,
        _HOW_TO_ALLOW.format(policy.id),
        "\n".join(_options(policy)),
        *(f"See {reference}" for reference in policy.references),
    )


def _own_page(own: Own, base: str) -> str:
    policy = own.policy
    return _paragraphs(
        policy.id,
        f"group {policy.group} · {own.severity} · defined in {_said(own.place)} on {_said(base)}",
        f"It cannot be run: {_said(own.path)} {own.fault}." if own.fault else "",
        *(textwrap.fill(_said(part), 96) for part in (policy.seen, *own.asks, policy.why)),
        _said(policy.instead),
        _HOW_TO_ALLOW.format(policy.id),
        *(f"See {_said(reference)}" for reference in policy.references),
    )


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
