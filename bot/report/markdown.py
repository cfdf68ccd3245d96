"""The comment of a pull request, from the templates beside this module. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.facts import NotChecked, State
from bot.markup import cell, harmless, sentence
from bot.policy import Severity
from bot.report import Display
from bot.report.parts import Part
from bot.report.parts import parts as parts_of
from bot.report.sections import Trip, ground, headline, orders, sent, trips
from bot.verdict import Judged, Outcome, Verdict
from bot.wording import block, code, inert, several

ICONS = {Severity.BLOCK: "🛑", Severity.WARN: "⚠️", Severity.NOTE: "💬"}
SIGNS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.ERROR: "⚠️", Outcome.SKIP: "⏭️"}
STATES = {State.OK: "✅", State.FAILED: "❌", State.MISSING: "❌ none", State.SKIPPED: "not run"}

PATH = 40  # characters of a path that a table has room for
# Shares of the comment that the parts may take, in order; findings in full get what is left.
SHARES = {"not_checked": 0.15, "table": 0.2, "trips": 0.12, "waived": 0.08, "existing": 0.08}
SHARES |= {"parts": 0.25}


def render_markdown(verdict: Verdict, display: Display) -> str:
    """The comment, below ``display.limit`` bytes however much there is to say.

    What does not fit is counted, the least severe first, and ``display.rest`` says where it is.
    """
    several_projects = len(verdict.facts.projects) > 1
    troubled = verdict.verdict is not Outcome.PASS or bool(verdict.counting)
    facts = verdict.facts
    asked = tuple(parts_of(verdict))
    rows = trips(facts) if troubled else ()
    listed = verdict.counting if len(verdict.counting) > 1 else ()
    parts = {
        "not_checked": (map(_unseen, verdict.not_checked), len(verdict.not_checked)),
        "table": (map(_row, listed), len(listed)),
        "trips": ((_trip(row, several_projects) for row in rows), len(rows)),
        "waived": (map(_allowed, verdict.waived), len(verdict.waived)),
        "existing": (map(_brief, verdict.existing), len(verdict.existing)),
        "parts": (map(_part, asked), len(asked)),
    }
    shown = {
        name: _fitting(parts[name][0], display.limit * share) for name, share in SHARES.items()
    }
    frame = {
        "sign": SIGNS[verdict.verdict],
        "headline": headline(verdict),
        "summary": sentence(verdict.summary, 700),
        "several_projects": several_projects,
        "orders": orders(facts)[:5],
        "ground": " · ".join(_fitting(map(harmless, ground(verdict)), display.limit * 0.08)),
        "rest": display.rest,
        **shown,
        "left": {name: total - len(shown[name]) for name, (_, total) in parts.items()},
    }
    page = _templates().get_template("comment.md.j2")
    bare = inert(page.render(**frame, blocking=[], others=[], left_out=len(verdict.counting)))
    room = display.limit - len(bare.encode()) - 200
    full = _fitting((_in_full(verdict, item) for item in verdict.counting), room)
    blocking = sum(item.severity is Severity.BLOCK for item in verdict.counting[: len(full)])
    return inert(
        page.render(
            **frame,
            blocking=full[:blocking],
            others=full[blocking:],
            left_out=len(verdict.counting) - len(full),
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # noqa: S701 - Markdown, not HTML: every name goes through bot.wording
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
        keep_trailing_newline=True,
    )


def _fitting(items: Iterable[str], room: float) -> Sequence[str]:
    """As many of the first items as fit into that many bytes."""
    kept: list[str] = []
    for item in items:
        room -= len(inert(item).encode()) + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def _in_full(verdict: Verdict, item: Judged) -> str:
    here = sent(verdict.facts, item)
    return (
        _templates()
        .get_template("finding.md.j2")
        .render(
            icon=ICONS[item.severity],
            title=_title(item),
            place=code(f"{item.path}:{item.line}", 300),
            item=item,
            revision=code(item.revision) if item.revision else "",
            project=code(item.project) if item.project and len(verdict.facts.projects) > 1 else "",
            message=harmless(item.message),
            sql=block(here[0].sql.strip(), "sql", 700) if here else "",
            more=len(here) - 1,
            remedies=[
                {
                    "title": sentence(remedy.title),
                    "text": harmless(remedy.text),
                    "trade_off": sentence(remedy.trade_off.strip().removesuffix(".")),
                    "patch": block(remedy.patch.rstrip("\n"), "diff") if remedy.patch else "",
                }
                for remedy in item.remedies
            ],
        )
        .strip("\n")
    )


def _title(item: Judged) -> str:
    times = f" ({item.count} times)" if item.count > 1 else ""
    return sentence(item.title, 250) + times


def _row(item: Judged) -> str:
    # The whole path stands above the finding in full; here it would squeeze the words.
    path = item.path if len(item.path) <= PATH else "…/" + "/".join(item.path.split("/")[-1:])
    place = code(f"{path}:{item.line}")
    return f"| {ICONS[item.severity]} | {cell(_title(item))} | {cell(place)} | `{item.policy}` |"


def _trip(item: Trip, several_projects: bool) -> str:  # noqa: FBT001 - private, one caller
    left = several(item.left, 3) if item.left else "nothing"
    after = left if item.downgrade is State.OK else "not known"
    cells = [
        *([code(item.project)] if several_projects else []),
        f"{code(item.revision, 60)} {sentence(item.message, 120)}".strip(),
        *(STATES[state] for state in (item.upgrade, item.downgrade, item.reupgrade)),
        f"❌ {after}" if item.left else after,
    ]
    return f"| {' | '.join(cell(text) for text in cells)} |"


def _unseen(entry: NotChecked) -> str:
    return f"- **{sentence(entry.what)}**: {_closed(entry.why)} _What to do:_ {_closed(entry.do)}"


def _part(part: Part) -> str:
    drawn = [block(diagram, "mermaid", 12_000) for diagram in part.diagrams]
    body = "\n\n".join([*drawn, harmless(part.text, 16_000)])
    return f"<details>\n<summary>{part.title}</summary>\n\n{body}\n\n</details>"


def _closed(text: str) -> str:
    return sentence(text.strip().rstrip("."), 700) + "."


def _brief(item: Judged) -> str:
    place = code(f"{item.path}:{item.line}", 300)
    return f"- {ICONS[item.severity]} {_title(item)}, {place} (`{item.policy}`)"


def _allowed(item: Judged) -> str:
    waived = item.waived
    if waived is None:
        return _brief(item)
    return f"{_brief(item)}. Reason, at line {waived.line}: {sentence(waived.reason)}"
