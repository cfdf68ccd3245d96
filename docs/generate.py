"""The generated pages under ``docs/``: ``python -m docs.generate`` writes all of them.

``pages()`` maps each file to its text without writing anything, so that a test can compare.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench import estimates_page
from bot.judge import PRESETS
from bot.policy import Policy, policies
from bot.report.json_report import json_schema
from bot.settings.reference import render_reference
from docs import asking, own_policies, table_stats
from docs.preset_pages import preset_index, preset_page
from fixtures.attempts import ASSETS, LAYERS, Attempt, attempts
from fixtures.build import MESSAGE, START, Case, cases, environment_files

DOCS = Path(__file__).parent
_MARK = "<!-- Made by `make docs` from {source}. -->"
_SEVERITY = {
    "block": "fails the check",
    "warn": "is shown and does not fail the check",
    "note": "is a remark",
}


def pages() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    known = policies()
    found = {DOCS / "policies" / f"{policy.id}.md": page(policy) for policy in known}
    found[DOCS / "policies" / "README.md"] = index(known)
    found |= {DOCS / "presets" / f"{name}.md": preset_page(name) for name in PRESETS}
    found[DOCS / "presets" / "README.md"] = preset_index()
    found[DOCS / "configuration.md"] = render_reference()
    found[DOCS / "report.schema.json"] = json_schema()
    found[DOCS / "security.md"] = security()
    found[DOCS / "table-stats.md"] = table_stats.page()
    found[DOCS / "estimates.md"] = estimates_page.page()
    found[DOCS / "consult.md"] = asking.page()
    found[DOCS / "custom-policies.md"] = own_policies.page()
    return found


def index(known: tuple[Policy, ...]) -> str:
    """The list of all policies."""
    parts = ["# Policies", _MARK.format(source="the policies' own docstrings")]
    parts.append(
        "Each policy is one file in `bot/policies/`, found by being there. `severity` is the "
        "default; `[policies]` in the configuration sets another one or `off`. Policies of the "
        "pack `core` are on by default."
    )
    for group in dict.fromkeys(policy.group for policy in known):
        rows = ["| policy | what was seen | severity | pack |", "|---|---|---|---|"]
        rows += [
            f"| [`{each.id}`]({each.id}.md) | {each.seen} | {each.severity.value} | {each.pack} |"
            for each in known
            if each.group == group
        ]
        parts += [f"## {group}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def page(policy: Policy) -> str:
    """One policy: its docstring, its samples, how to set and how to allow it."""
    stem = policy.id.replace("-", "_")
    presets = ", ".join(f"`{PRESETS[number - 1]}`" for number in policy.presets) or "none"
    facts = [
        f"Severity `{policy.severity.value}`: a finding {_SEVERITY[policy.severity.value]}",
        f"group `{policy.group}`",
        f"pack `{policy.pack}`",
        f"demanded by the presets: {presets}",
    ]
    if policy.told_by:
        others = ", ".join(f"[`{each}`]({each}.md)" for each in policy.told_by)
        facts.append(f"left out where {others} is shown for the same column with no less weight")
    parts = [
        f"# {policy.id}",
        _MARK.format(source=f"`bot/policies/{policy.group}/{stem}.py` and `fixtures/`"),
        policy.seen,
        " · ".join(facts) + ".",
        "## Why it hurts",
        policy.why,
        "## What to do instead",
        policy.instead,
    ]
    own = {case.name: case for case in cases() if case.policy == stem}
    if "bad" in own:
        parts += ["## Reported", sample(own["bad"])]
    if "good" in own:
        parts += ["## Passes", sample(own["good"])]
    parts += ["## How to set or allow it", _waiving(policy)]
    if policy.options:
        parts += ["## Options", _options(policy)]
    parts.append("Reference: " + ", ".join(f"<{url}>" for url in policy.references))
    return "\n\n".join(parts) + "\n"


def sample(case: Case) -> str:
    """The files of one case: what the pull request changes, and what others merged meanwhile."""
    layers = case.layers
    known = {*environment_files(case.environment).values(), START}
    blocks = [_file(path, text) for path, text in layers["head"].items()]
    blocks += _told(case)
    blocks += [f"The pull request deletes `{name}`." for name in case.delete]
    for path, text in layers["base"].items():
        if text not in known:
            blocks.append(_file(path, text, " (already on the main branch)"))
    blocks += [
        _file(path, text, " (merged by others meanwhile)") for path, text in layers["later"].items()
    ]
    return "\n\n".join(blocks)


def _told(case: Case) -> list[str]:
    """What its commit and GitHub say of it, where the case states that."""
    pull = case.pull_request or {}
    words = [f"Commit: `{case.commit}`"] if case.commit != MESSAGE else []
    for name, key in _PULL.items():
        if value := pull.get(key):
            words.append(f"{name}: `{value if isinstance(value, str) else ', '.join(value)}`")
    return [" · ".join(words)] if words else []


_PULL = {"Title": "title", "body": "body", "labels": "labels", "merges into": "base_branch"}


def _file(path: str, source: Path, note: str = "") -> str:
    language = {".py": "python", ".ini": "ini", ".sql": "sql"}.get(source.suffix, "")
    text = source.read_text("utf-8").strip("\n")
    return f"`{path}`{note}\n\n```{language}\n{text}\n```"


def _waiving(policy: Policy) -> str:
    if policy.group == "waivers":
        return (
            f"A waiver cannot allow it, because it is about waivers; `[policies]` can set it:\n\n"
            f'```toml\n[tool.db-recheck.policies]\n{policy.id} = "off"\n```'
        )
    return (
        "With a reason, on the line of the finding or above it, or anywhere in the file:\n\n"
        f"```python\n# db-recheck: allow {policy.id}: the reason\n"
        f"# db-recheck: allow-file {policy.id}: the reason\n```\n\n"
        "For the whole repository, in `pyproject.toml`:\n\n"
        f'```toml\n[tool.db-recheck.policies]\n{policy.id} = "note"  # or block, warn, off\n```'
    )


def _options(policy: Policy) -> str:
    rows = ["| key | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {meaning} |" for name, meaning in policy.options.items()]
    table = f"`[tool.db-recheck.policy.{policy.id}]` in `pyproject.toml` may hold:"
    return f"{table}\n\n" + "\n".join(rows)


def security() -> str:
    """The page about security, with the tables of layers and attempts made anew."""
    text = (DOCS / "security.md").read_text("utf-8")
    start, mark, rest = text.partition(
        "<!-- attempts: made by `make docs` from fixtures/hostile -->\n"
    )
    end = "<!-- end of attempts -->" + rest.partition("<!-- end of attempts -->")[2]
    known = attempts()
    used = [name for name in LAYERS if any(name in each.stopped_by for each in known)]
    layers = ["| layer | what it is |", "|---|---|"]
    layers += [f"| {name} | {LAYERS[name]} |" for name in used]
    parts = ["\n".join(layers)]
    for asset, meaning in ASSETS.items():
        rows = [f"**{asset[0].upper()}{asset[1:]}**: {meaning}", ""]
        rows += ["| a pull request tries to | stopped by |", "|---|---|"]
        rows += [
            f"| [{each.tries}](../fixtures/hostile/{each.path.name}){_dagger(each)} |"
            f" {', '.join(each.stopped_by)} |"
            for each in known
            if each.asset == asset
        ]
        parts.append("\n".join(rows))
    return f"{start}{mark}\n" + "\n\n".join(parts) + f"\n\n{end}"


def _dagger(attempt: Attempt) -> str:
    return " †" if "limits" in attempt.needs else ""


def main() -> int:
    """Write every page, and remove those of policies that are gone."""
    wanted = pages()
    for path in (DOCS / "policies").glob("*.md"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"wrote {len(wanted)} pages\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
