"""db-recheck itself on the corpus."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from accuracy.said import Remark, Said, fingerprint
from accuracy.scope import judged, process
from bot import __version__
from bot.verdict import Verdict
from fixtures.labelled import Labelled
from fixtures.review import Reviewer, pull_request_of

NAME = "db-recheck"
SETTINGS = {"timeout": 25}  # seconds: one case never ends


def review(reviewer: Reviewer, case: Labelled, folder: Path) -> Verdict:
    """The verdict on one case, whose repository is made in ``folder``."""
    told = case.family == "process"
    also = judged() - (frozenset() if told else process())
    return reviewer.review(
        case.build(folder),
        settings=SETTINGS,
        also=also,
        pull_request=pull_request_of(case.pull_request),
    )


def remarks(verdict: Verdict) -> tuple[Remark, ...]:
    """What the judged policies say."""
    return tuple(
        Remark(item.policy, item.path, item.line)
        for item in verdict.findings
        if item.policy in judged()
    )


def unread(verdict: Verdict) -> str | None:
    """What of the change was not checked, None when all was."""
    unseen = [f"{item.what}: {item.why}" for item in verdict.not_checked if item.fatal]
    return "; ".join(unseen) or None


def run(cases: tuple[Labelled, ...], folder: Path, progress: Callable[[str], None]) -> Said:
    """Review all of them, one after the other."""
    said: dict[str, tuple[Remark, ...]] = {}
    missing: dict[str, str] = {}
    with Reviewer(folder) as reviewer:
        for case in cases:
            verdict = review(reviewer, case, folder / NAME / case.id)
            if why := unread(verdict):
                missing[case.id] = why
            else:
                said[case.id] = remarks(verdict)
            progress(f"{NAME}: {len(said) + len(missing)} of {len(cases)}")
    return Said(NAME, __version__, fingerprint(cases), said, missing)
