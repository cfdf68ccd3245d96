"""The upgrade raised.

It would raise on deployment too: the release stops half-way, and what ran outside a transaction
stays behind.

The message is the database's own and the line is the statement's: correct that, and run it again.

Reference: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.failures.failure import brief, told, ways_out
from bot.explain.history.revisions import failed_at, last_added, present
from bot.facts import ChangedRevision, Facts, Failure, Project, RoundTrip, State
from bot.policy import Confidence, Finding, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (1, 2, 3, 4, 5)
TOLD_BY = ("superuser-needed",)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each cause: of a revision alone, of all in one go, or from scratch."""
    for project in facts.projects:
        seen: set[tuple[str | None, int | None, str]] = set()
        for item, failure, words in _failures(project):
            cause = (failure.path, failure.line, failure.message)
            if cause not in seen:
                seen.add(cause)
                yield _finding(project, item, failure, words)


def _failures(
    project: Project,
) -> Iterator[tuple[ChangedRevision | None, Failure, str]]:
    if project.environment_failure:
        words = "The project's own env.py stops; on base it runs."
        yield None, project.environment_failure, words
    alone = [item for item in present(project) if _failure(item) is not None]
    whole = project.whole
    for item in alone:
        passes = whole is not None and whole.upgrade.state is State.OK
        note = " (All revisions of the change in one go pass.)" if passes else ""
        failure = _failure(item)
        if failure is not None:
            yield item, failure, f"The upgrade of {code(item.revision)} stopped.{note}"
    together = _together(whole) if whole else None
    if not alone and together:
        words = (
            "Each revision passes alone; all of them in one go, as a deployment runs them, do not."
        )
        yield last_added(project), together, words
    known = project.base_state.failure
    fresh = project.fresh.step.failure if project.fresh else None
    if not alone and fresh and not (known and known.message == fresh.message):
        words = "The merged chain does not run from scratch: a new installation stops."
        yield last_added(project), fresh, words


def _together(whole: RoundTrip) -> Failure | None:
    """Why all revisions in one go stop: also when they do so again on the schema they began on."""
    again = whole.downgrade.state is State.OK and not whole.residue
    return whole.upgrade.failure or (whole.reupgrade.failure if again else None)


def _failure(item: ChangedRevision) -> Failure | None:
    step = item.round_trip.upgrade
    return step.failure if step.state is State.FAILED else None


def _finding(
    project: Project, item: ChangedRevision | None, failure: Failure, words: str
) -> Finding:
    own = (item.path, item.anchors.upgrade) if item else (project.config, 1)
    path, line = failed_at(failure, *own)
    return Finding(
        path=path,
        line=line,
        title=f"The upgrade fails: {code(brief(failure))}",
        message=f"{words} {told(failure)}",
        subject=item.revision if item else project.config,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision if item else None,
        remedies=ways_out(failure, item),
    )
