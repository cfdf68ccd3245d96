"""The words of line comments, of the review around them and of the check run. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.github import markers
from bot.github.suggestions import Suggestion
from bot.markup import harmless, plain, sentence
from bot.policy import Severity
from bot.report.markdown import ICONS
from bot.verdict import Judged
from bot.wording import block, code, inert

LIMIT = 60_000  # bytes of one comment; GitHub takes 65,536 characters
GONE = "_No longer found: the change has moved on._"
FORGEABLE = (
    "> This rests on facts that the pull request's own workflow run reported, without rights and"
    " out of this workflow's control: whoever can edit that workflow can forge them."
)


def line_comment(item: Judged, fix: Suggestion | None = None) -> str:
    """The comment on a finding's line; ``fix`` replaces the lines that the comment sits on."""
    return inert(f"{markers.finding(item.fingerprint, _said(item, None))}\n{_said(item, fix)}\n")


def file_comment(item: Judged) -> str:
    """The same for a finding on a line that the diff does not show."""
    place = f"About line {item.line}, which this diff does not show.\n\n"
    said = _said(item, None)
    return inert(f"{markers.finding(item.fingerprint, said)}\n{place}{said}\n")


def gone_comment(fingerprint: str, title: str) -> str:
    """What a comment says when its finding is gone and its thread cannot be resolved."""
    return f"{markers.finding(fingerprint, GONE)}\n{title}\n\n{GONE}\n"


def digest_of(item: Judged) -> str:
    """The digest of what is said about a finding, wherever its comment sits."""
    return markers.digest(_said(item, None))


def review_body(
    told: int, elsewhere: Sequence[Judged], comment_url: str | None, *, forgeable: bool = False
) -> str:
    """The words around ``told`` comments; findings without a place are listed or pointed to."""
    parts = [markers.REVIEW]
    if told:
        parts.append(f"**db-recheck**: {_number(told)} on the lines below.")
    do = "does" if len(elsewhere) == 1 else "do"
    without = f"{_number(len(elsewhere))} {do} not fit on a line of this diff"
    if elsewhere and comment_url:
        parts.append(f"{without}: see [the comment]({comment_url}).")
    elif elsewhere:
        parts += [f"{without}:\n", *_listed(elsewhere)]
    if forgeable:
        parts.append(f"\n{FORGEABLE}")
    return inert("\n".join(parts) + "\n")


def annotation(item: Judged) -> dict[str, str | int]:
    """A finding as an annotation of a check run (GitHub REST: "Create a check run")."""
    levels = {Severity.BLOCK: "failure", Severity.WARN: "warning", Severity.NOTE: "notice"}
    fix = "; or: ".join(plain(remedy.title) for remedy in item.remedies)
    message = plain(item.message) + (f"\n\nWhat to do: {fix}" if fix else "")
    return {
        "path": item.path,
        "start_line": item.line,
        "end_line": max(item.line, item.end_line),
        "annotation_level": levels[item.severity],
        "title": _cut(f"{' '.join(plain(item.title).split())} ({item.policy})", 255),
        "message": _cut(message or item.policy, 16_000),
    }


def _said(item: Judged, fix: Suggestion | None) -> str:
    times = f" ({item.count} times)" if item.count > 1 else ""
    parts = [
        f"{ICONS[item.severity]} **{sentence(item.title, 250)}**{times} · `{item.policy}`",
        harmless(item.message),
    ]
    for number, remedy in enumerate(item.remedies):
        price = f" _Price: {sentence(remedy.trade_off.rstrip('.'))}._" if remedy.trade_off else ""
        told = f"**{'Or' if number else 'What to do'}: {sentence(remedy.title)}**{price}"
        parts += [told, harmless(remedy.text)]
        if remedy.patch and not (fix and number == 0):
            parts.append(block(remedy.patch.rstrip("\n"), "diff"))
        elif fix and number == 0:
            parts.append(block("\n".join(fix.lines), "suggestion", 1_000_000))
    kept: list[str] = []
    room = LIMIT
    for part in filter(None, parts):
        room -= len(inert(part).encode()) + 2
        if room < 0:
            kept.append("…")
            break
        kept.append(part)
    return "\n\n".join(kept)


def _listed(findings: Sequence[Judged]) -> list[str]:
    lines: list[str] = []
    room = LIMIT
    for number, item in enumerate(findings):
        line = (
            f"- {ICONS[item.severity]} {sentence(item.title, 250)},"
            f" {code(f'{item.path}:{item.line}', 300)} (`{item.policy}`)"
            f" {markers.finding(item.fingerprint, '')}"
        )
        room -= len(inert(line).encode()) + 1
        if room < 0:
            lines.append(f"- And {len(findings) - number} more; the job summary has all of them.")
            break
        lines.append(line)
    return lines


def _number(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
