"""The pages under ``docs/presets/``: each demand of a standard with what checks it."""

from __future__ import annotations

from bot.judge import PRESETS
from bot.policy import Policy, policies
from bot.preset import preset, source
from bot.preset_demands import REPORT, Demand, contradictions, demands

_MARK = "<!-- Made by `make docs` from `bot/presets/`. -->"


def preset_index() -> str:
    """The list of the presets."""
    rows = ["| preset | what it stands for | demands | policies |", "|---|---|---|---|"]
    for name in PRESETS:
        chosen = preset(name)
        on = [each for each in policies() if chosen.number in each.presets]
        numbers = f"{len(demands(name))} | {len(on)}"
        rows.append(f"| [`{name}`]({name}.md) | {chosen.title} | {numbers} |")
    text = (
        'A preset is a written standard as configuration: `preset = "<name>"` switches its '
        "policies on in addition to core, with the weights and options that the standard asks for. "
        "What your own configuration states wins over it. Each page says demand by demand what "
        "checks it, or why no review can."
    )
    return "\n\n".join(["# Presets", _MARK, text, "\n".join(rows)]) + "\n"


def preset_page(name: str) -> str:
    """One preset: what it sets, its demands, what contradicts what."""
    chosen = preset(name)
    told = demands(name)
    unseen = sum(bool(each.unseen) and not each.policies for each in told)
    known = {policy.id: policy for policy in policies()}
    rows = ["| the standard demands | checked by |", "|---|---|"]
    rows += [f"| {_cell(each.says)} | {_cell(_checked(each, known))} |" for each in told]
    on = [each for each in policies() if chosen.number in each.presets]
    summary = (
        f"{chosen.title}. {len(told)} demands, of which {unseen} are such that a review of a "
        "change cannot check them; each says why."
    )
    weights = (
        f"{len(on)} policies are on. Where the standard asks for other weights or options than "
        "the catalogue has:"
    )
    parts = [
        f"# {name}",
        _MARK,
        summary,
        f'```toml\n# .db-recheck.toml\npreset = "{name}"\n```',
        "## What it sets",
        weights,
        f"```toml\n{source(name).strip()}\n```",
        "## Demand by demand",
        "\n".join(rows),
    ]
    if found := contradictions(name):
        lines = ["| demands that contradict each other | what rules |", "|---|---|"]
        lines += [f"| {_cell(each.between)} | {_cell(each.rules)} |" for each in found]
        parts += ["## What rules where it contradicts itself or another", "\n".join(lines)]
    parts += [
        "## As a configuration of your own",
        "Copy it, and change what your team sees otherwise:",
        f"```toml\n{_own(name, on)}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _checked(each: Demand, known: dict[str, Policy]) -> str:
    parts = [_policy(name, known) for name in each.policies]
    parts += [f"{_policy(name, known)} (a part of it)" for name in each.helps]
    parts += [f"report: {REPORT.get(name, f'`{name}`')}" for name in each.report]
    parts += [f"`db-recheck {name}`" for name in each.consult]
    if each.unseen:
        parts.append(f"not checked: {each.unseen}")
    return " · ".join(parts)


def _policy(name: str, known: dict[str, Policy]) -> str:
    return f"[`{name}`](../policies/{name}.md)" if name in known else f"`{name}`"


def _own(name: str, on: list[Policy]) -> str:
    """The preset as settings that name every policy."""
    chosen = preset(name)
    head = source(name).partition("[policies]")[0]
    lines = [
        line for line in head.splitlines() if line and not line.startswith(("#", "number", "title"))
    ]
    lines += ["", "[policies]"]
    lines += [f'{each.id} = "{chosen.policies.get(each.id, each.severity.value)}"' for each in on]
    for policy, options in chosen.policy.items():
        lines += ["", f"[policy.{policy}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in options.items()]
    return "\n".join(lines).strip()


def _toml(value: object) -> str:
    return str(list(value) if isinstance(value, tuple) else value).replace("'", '"')


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
