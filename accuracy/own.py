"""db-recheck itself on the corpus."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from accuracy.said import Answer, Remark, fingerprint
from accuracy.scope import CHAIN, TYPES, judged_in
from bot.verdict import Outcome, Verdict
from fixtures.labelled import Labelled
from fixtures.review import Reviewer, pull_request_of

NAME = "db-recheck"


def review(reviewer: Reviewer, case: Labelled, folder: Path) -> Verdict:
    """The verdict on one case, whose repository is made in ``folder``."""
    settings: dict[str, object] = {} if case.timeout is None else {"timeout": case.timeout}
    if case.family == TYPES:
        settings["packs"] = "typing"  # the checker runs where its policy is on, and nowhere else
    return reviewer.review(
        case.build(folder),
        settings=settings,
        also=judged_in(case.family),
        pull_request=pull_request_of(case.pull_request),
    )


def answer(verdict: Verdict, case: Labelled) -> Answer:
    """What is kept of a verdict."""
    why = None if _stopped_by_its_chain(verdict, case) else unread(verdict)
    return Answer(shown(case), () if why else remarks(verdict, case), why)


def shown(case: Labelled) -> str:
    """The fingerprint of the case, and of the policies that are asked about it."""
    return fingerprint(case, [str(case.timeout), *sorted(judged_in(case.family))])


def remarks(verdict: Verdict, case: Labelled) -> tuple[Remark, ...]:
    """What the policies say that its family judges: what counts, which a waiver takes away."""
    scope = judged_in(case.family)
    return tuple(
        Remark(item.policy, item.path, item.line)
        for item in verdict.findings
        if item.policy in scope and item.counts
    )


def _stopped_by_its_chain(verdict: Verdict, case: Labelled) -> bool:
    """Whether a fault of the graph is why nothing ran, which is the answer of such a case."""
    return case.family == CHAIN and verdict.verdict is Outcome.FAIL


def unread(verdict: Verdict) -> str | None:
    """What of the change was not checked, None when all was."""
    unseen = [f"{item.what}: {item.why}" for item in verdict.not_checked if item.fatal]
    return "; ".join(unseen) or None


def answers(cases: Sequence[Labelled], folder: Path) -> Iterator[tuple[Labelled, Answer]]:
    """Review them, one after the other."""
    with Reviewer(folder) as reviewer:
        for case in cases:
            place = folder / NAME / case.id
            yield case, answer(review(reviewer, case, place), case)
            shutil.rmtree(place, ignore_errors=True)
