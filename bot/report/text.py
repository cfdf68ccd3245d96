"""The report for a terminal, laid out by Rich. Pure: the width and colours are given."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bot.facts import NotChecked, State
from bot.markup import Kind, pieces
from bot.policy import Remedy, Severity
from bot.report import Display
from bot.report.parts import parts
from bot.report.sections import Trip, excerpt, ground, headline, orders, sent, trips
from bot.verdict import Judged, Outcome, Verdict
from bot.wording import inert, visible

COLORS = {Severity.BLOCK: "red", Severity.WARN: "yellow", Severity.NOTE: "cyan"}
WORDS = {Severity.BLOCK: "block", Severity.WARN: "warning", Severity.NOTE: "note"}
ENDS = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.ERROR: "yellow", Outcome.SKIP: "cyan"}
STATES = {
    State.OK: ("✓", "green"),
    State.FAILED: ("✗", "red"),
    State.MISSING: ("none", "red"),
    State.SKIPPED: ("not run", "yellow"),
}
DIM = Style(dim=True)
SHOWN = 3  # objects left behind that a row of the table names


def render_text(verdict: Verdict, display: Display) -> str:
    """The report, ending with one line that sums it up.

    The first line of each finding begins with ``path:line``, unbroken, as editors and terminals
    recognise it.
    """
    out = io.StringIO()
    console = Console(
        file=out,
        width=max(display.width, 40),
        color_system="standard" if display.color else None,
        force_terminal=display.color,
        no_color=not display.color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for item in verdict.counting:
        # A location must not be wrapped, or nobody can click on it.
        console.print(_first_line(item), soft_wrap=True)
        console.print(Padding(Group(*_body(verdict, item)), (0, 0, 1, 2)))
    for part in _sections(verdict):
        console.print(part)
    # Rich pads lines with blanks to the width; a report that is piped into a file needs none.
    lines = (line.rstrip() for line in out.getvalue().split("\n"))
    return inert("\n".join(lines).rstrip("\n") + "\n")


def _sections(verdict: Verdict) -> Iterator[RenderableType]:
    rows = trips(verdict.facts)
    if rows:
        yield Padding(_round_trips(rows), (0, 0, 1, 0))
    for order in orders(verdict.facts):
        yield Padding(Text(order.replace("**", "")), (0, 0, 1, 0))
    for heading, listed in (("Waived", verdict.waived), ("Already so at base", verdict.existing)):
        if listed:
            yield Text(f"{heading} ({len(listed)})", "bold")
            yield Padding(Group(*(_brief(item) for item in listed)), (0, 0, 1, 2))
    for part in parts(verdict):
        yield Text(part.title, "bold")
        yield Padding(Group(*_paragraphs(part.text)), (0, 0, 1, 2))
    if verdict.not_checked:
        yield Text("Not checked", "bold yellow")
        yield Padding(Group(*(_unseen(entry) for entry in verdict.not_checked)), (0, 0, 1, 2))
    color = ENDS[verdict.verdict]
    yield Rule(style=color)
    yield Text.assemble((verdict.verdict.value.upper(), f"bold {color}"), "  ", headline(verdict))
    yield _line(f"{verdict.summary}.")
    yield Text(" · ".join(_line(part).plain for part in ground(verdict)), DIM)


def _first_line(item: Judged) -> Text:
    times = f" ({item.count} times)" if item.count > 1 else ""
    return Text.assemble(
        (_flat(f"{item.path}:{item.line}"), "bold"),
        ": ",
        (WORDS[item.severity], f"bold {COLORS[item.severity]}"),
        ": ",
        _line(item.title),
        times,
        (f"  [{item.policy}]", DIM),
    )


def _body(verdict: Verdict, item: Judged) -> Iterator[RenderableType]:
    known = [(number, line) for number, line in excerpt(verdict.facts, item) if line.strip()]
    if known:
        digits = len(str(known[-1][0]))
        yield Group(
            *(
                Text.assemble((f"{number:>{digits}} │ ", DIM), visible(line), overflow="fold")
                for number, line in known
            )
        )
        yield Text()
    yield from _paragraphs(item.message)
    here = sent(verdict.facts, item)
    if here:
        more = f" (the first of {len(here)} statements of this line)" if len(here) > 1 else ""
        yield Text(f"Sent to PostgreSQL{more}:")
        yield _code(here[0].sql.strip()[:700])
    for number, remedy in enumerate(item.remedies):
        yield from _remedy(remedy, "What to do" if number == 0 else "Or")


def _remedy(remedy: Remedy, lead: str) -> Iterator[RenderableType]:
    yield Text()
    yield Text.assemble((f"{lead}: ", "bold green"), _line(remedy.title))
    if remedy.trade_off:
        yield Text.assemble(("Price: ", DIM), _line(remedy.trade_off))
    yield from _paragraphs(remedy.text)
    if remedy.patch:
        yield _code(remedy.patch.rstrip("\n"))


def _paragraphs(markdown: str) -> Iterator[RenderableType]:
    """Prose as it wraps, code as it stands; one empty line at most between two of them."""
    line = Text()
    for piece in pieces(markdown):
        if piece.kind is Kind.BLOCK:
            yield _code(piece.text)
        elif piece.kind is Kind.BREAK:
            if line.plain.strip():
                yield line
            line = Text()
        else:
            line.append(
                piece.text if piece.kind is Kind.PROSE else f"`{piece.text}`", _style(piece.kind)
            )


def _style(kind: Kind) -> str:
    return "cyan" if kind is Kind.CODE else ""


def _line(markdown: str) -> Text:
    """One line of Markdown; backticks stay, for those who see no colours."""
    text = Text()
    for piece in pieces(" ".join(markdown.split())):
        if piece.kind is not Kind.BREAK:
            text.append(
                f"`{piece.text}`" if piece.kind is Kind.CODE else piece.text, _style(piece.kind)
            )
    return text


def _code(source: str) -> RenderableType:
    lines = [Text(line, overflow="fold") for line in visible(source).expandtabs(4).split("\n")]
    return Padding(Group(*lines), (0, 0, 0, 4))


def _round_trips(rows: Sequence[Trip]) -> Table:
    projects = len({row.project for row in rows}) > 1
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for heading in (["project"] if projects else []) + [
        "revision",
        "up",
        "down",
        "up again",
        "left behind",
    ]:
        table.add_column(heading, overflow="fold")
    for row in rows:
        name = Text.assemble(_flat(row.revision, 60), (f"  {_flat(row.message, 60)}", DIM))
        down = row.downgrade is State.OK
        left = ", ".join(_flat(label) for label in row.left[:SHOWN]) or (
            "nothing" if down else "not known"
        )
        more = f" and {len(row.left) - SHOWN} more" if len(row.left) > SHOWN else ""
        table.add_row(
            *([_flat(row.project)] if projects else []),
            name,
            *(Text(*STATES[state]) for state in (row.upgrade, row.downgrade, row.reupgrade)),
            Text(left + more, "red" if row.left else ""),
        )
    return table


def _brief(item: Judged) -> Text:
    reason = f" (line {item.waived.line}: {_flat(item.waived.reason)})" if item.waived else ""
    place = _flat(f"{item.path}:{item.line}")
    return Text.assemble(f"{place}: ", _line(item.title), (f"  [{item.policy}]", DIM), reason)


def _unseen(entry: NotChecked) -> Text:
    return Text.assemble(
        (_line(entry.what).plain, "bold"),
        f": {_line(entry.why).plain.rstrip('.')}. What to do: {_line(entry.do).plain.rstrip('.')}.",
    )


def _flat(text: str, limit: int = 300) -> str:
    flat = re.sub(r"\s+", " ", visible(text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
