"""``docs/accuracy.md`` from the corpus and the kept results. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from accuracy import own
from accuracy.said import Said
from accuracy.scope import (
    ALONE,
    APART,
    OF_ROWS_AND_RELEASES,
    OWN,
    TYPES,
    judged,
    judged_in,
    labelled,
)
from accuracy.score import Meaning, Tally, score, total
from accuracy.systems import System
from bot import __version__
from fixtures.labelled import Labelled

PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
_SHOWN = 8  # names of cases in one line

Load = Callable[[str], Said | None]


def page(cases: Sequence[Labelled], peers: Sequence[System], load: Load) -> str:
    """The text of the page."""
    scope = judged()
    mine: Meaning = {policy: (policy,) for policy in scope}
    rows = [_Row(f"**{own.NAME} {__version__}**", load(own.NAME), mine, scope, cases)]
    rows += [_Row(each.shown, load(each.name), each.rules, each.claims, cases) for each in peers]
    parts = [
        _HEAD,
        _about(cases, scope),
        "## Overall",
        _OVERALL,
        _overall(rows, scope),
        "## Policy by policy",
        _BY_POLICY,
        _by_policy(rows, scope),
        f"## What {own.NAME} missed and what it made up",
        "\n".join(_mistakes(rows[0], scope)),
        "## What the neighbours could not analyse",
        "\n".join(_unread(rows[1:])),
        "## Which rule stands for which policy",
        _MAPPING,
        *(_mapping(each) for each in peers),
    ]
    return "\n\n".join(parts) + "\n"


class _Row:
    """One system's line in the tables."""

    def __init__(
        self,
        shown: str,
        said: Said | None,
        meaning: Meaning,
        claims: Collection[str],
        cases: Sequence[Labelled],
    ) -> None:
        self.shown = shown
        self.claims = claims
        self.unread = dict(said.unread) if said else {}
        self.tallies: dict[str, Tally] = score(said, meaning, cases, judged_in) if said else {}
        self.whole = total(self.tallies.values())
        self.labels = sum(
            label.expected and label.policy in judged_in(case.family)
            for case in cases
            for label in case.labels
        )


_HEAD = """# Accuracy

<!-- Made by `make accuracy` from `fixtures/corpus/` and `accuracy/results/`. -->

How much of what is wrong with a migration is found, how much of what is said is right, and whether
it is said on the right line: measured on miniature pull requests that were written and labelled for
this purpose, and beside other programs with the same aim."""

_OVERALL = """*Precision*: of its findings, how many are right. *Recall*: of the labels in the cases
that it could analyse, how many it found; *of its own*: of those labels that it has a rule for; *of
all*: of every label in the corpus. *Right line*: of what it found, how much stands on the line of
the revision file that is to be changed. A program that reads rendered SQL names lines of that SQL;
that it repeats a right finding for each statement of a loop is not held against it."""

_BY_POLICY = """Labels found / labels, and after a `+` the wrong findings; `·` where a program
has no rule for the policy."""

_MAPPING = """`accuracy/mapping.toml`. A finding is right if any of the policies that its rule
stands for is labelled there. Rules that stand for none are not judged."""


def _about(cases: Sequence[Labelled], scope: Collection[str]) -> str:
    safe = sum(case.safe for case in cases)
    shaped = sum(case.shape is not None for case in cases)
    later = ", ".join(f"`{policy}`" for policy in sorted(labelled() - set(scope)))
    apart = ", ".join(f"`{family}`" for family in sorted(APART))
    about = (
        f"{len(cases)} cases, {safe} of them safe look-alikes; {shaped} are built like revisions"
        " in public repositories. The labels follow PostgreSQL's documentation, by the rules in"
        " [fixtures/corpus/README.md](../fixtures/corpus/README.md). Only policies that the corpus"
        f" labels are judged: {len(scope)} of them here. The families {apart} judge"
        f" {len(OF_ROWS_AND_RELEASES & set(scope))} of them, the other families the rest."
    )
    alone = ", ".join(f"`{family}`" for family in sorted(ALONE))
    younger = ", ".join(f"`{family}`" for family in sorted({*APART, *OWN, TYPES}))
    about += (
        f" The families {alone} were shown to {own.NAME} alone: they are about models, what GitHub"
        " says, roles or production's sizes, of which no neighbour knows anything, about how a team"
        " wants its tables, about what the main branch got meanwhile, or about words that are"
        f" addressed to {own.NAME}; *of all* counts their labels."
    )
    if later:
        about += f" Labelled and not there yet: {later}."
    told = (
        "How independent are the labels? They were committed before the policies that they judge,"
        " whose first drafts were being written meanwhile; those of the families"
        f" {younger} are younger than their policies, as are the cases that the README names."
        " Where a result showed that a label was wrong, it was corrected, which the README tells."
        " Policies were corrected until they found what is labelled, so that the numbers of"
        " db-recheck are those of a corpus that it was made to pass; the neighbours never saw it."
    )
    return f"{about}\n\n{told}"


def _overall(rows: Sequence[_Row], scope: Collection[str]) -> str:
    lines = [
        "| system | analysed | precision | recall | of its own | of all | right line |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        found = row.whole
        claimed = found.of(set(row.claims) & set(scope))
        cells = [
            row.shown,
            f"{len(row.tallies)} of {len(row.tallies) + len(row.unread)}",
            _percent(found.precision),
            _percent(found.recall),
            _percent(claimed.recall),
            _percent(len(found.hits) / row.labels if row.labels else None),
            _percent(found.right_lines),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _by_policy(rows: Sequence[_Row], scope: Collection[str]) -> str:
    names = [row.shown.split(" ")[0].strip("*") for row in rows]
    lines = [f"| policy | {' | '.join(names)} |", "|---" * (len(rows) + 1) + "|"]
    for policy in sorted(scope):
        cells = [_cell(row, policy) for row in rows]
        if any(cell not in ("·", "0/0") for cell in cells):
            lines.append(f"| [`{policy}`](policies/{policy}.md) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: _Row, policy: str) -> str:
    if policy not in row.claims:
        return "·"
    found = row.whole.of({policy})
    wrong = f" +{len(found.false)}" if found.false else ""
    return f"{len(found.hits)}/{len(found.hits) + len(found.missed)}{wrong}"


def _mistakes(row: _Row, scope: Collection[str]) -> Iterator[str]:
    none = True
    for case, tally in row.tallies.items():
        for label in tally.of(scope).missed:
            none = False
            at = f", line {label.line}" if label.line else ""
            yield f"- `{case}`: missed `{label.policy}`{at}"
        for policy, remark in tally.of(scope).false:
            none = False
            yield f"- `{case}`: wrong `{policy}`, line {remark.line}"
        for hit in tally.of(scope).hits:
            if hit.right_line is False:
                none = False
                yield f"- `{case}`: `{hit.label.policy}` not on line {hit.label.line}"
    for case, why in row.unread.items():
        none = False
        yield f"- `{case}`: not analysed: {why}"
    if none:
        yield "Nothing, on this corpus: which says as much about the corpus as about the program."


def _unread(rows: Sequence[_Row]) -> Iterator[str]:
    for row in rows:
        if not row.unread:
            yield f"- {row.shown}: nothing"
            continue
        reasons = sorted(set(row.unread.values()))
        names = ", ".join(f"`{name}`" for name in sorted(row.unread)[:_SHOWN])
        left = len(row.unread) - _SHOWN
        more = f" and {left} more" if left > 0 else ""
        example = reasons[0].replace("`", "'").replace("|", "¦")
        yield f"- {row.shown}: {len(row.unread)} ({names}{more}); for example: `{example}`"


def _mapping(system: System) -> str:
    lines = [f"### {system.shown}", "", f"Run {system.what}.", ""]
    lines += ["| rule | policies |", "|---|---|"]
    lines += [
        f"| `{rule}` | {', '.join(f'`{policy}`' for policy in ids)} |"
        for rule, ids in system.rules.items()
    ]
    lines += [f"| `{rule}` | not judged: {why} |" for rule, why in system.left_out.items()]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.0f} %"
