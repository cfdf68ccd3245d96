"""`mode: report`: facts that other jobs wrote down, read strictly, judged here and told.

A run on a fork's code may upload what it likes: nothing that it wrote is shown as it stands, the
pull request's number, head and text come from GitHub, the settings from the base branch.
"""

from __future__ import annotations

from dataclasses import replace

from bot.action.base import settings_of_base
from bot.action.conclude import conclude
from bot.action.job import Job, skip
from bot.action.parts import judged, missing
from bot.action.pull_request import with_pull_request
from bot.event import Finished, Review
from bot.facts import Facts, NotChecked
from bot.facts.serial import LIMIT_BYTES, BadFacts, from_json
from bot.github import NotKnown
from bot.github.ask import pull_request_of
from bot.github.publish import status

FILES = 600  # two for each job that a matrix may have, and some


def report(job: Job, event: Review | Finished) -> int:
    """Judge the facts and say what came of it; the exit status is the gate."""
    if isinstance(event, Review):
        return _conclude(job, event, ())
    if event.head_repository is None:
        return skip(job, "Nothing to report: the pull request's repository is gone.")
    pull = pull_request_of(
        job.github, job.runner.repository, event.head, event.head_repository, event.branch
    )
    if isinstance(pull, NotKnown):
        return skip(job, f"Nothing to report: {pull.why}.")
    change = Review(
        f"origin/{pull.base_ref}", event.head, pull.number, fork=pull.is_fork, attached=False
    )
    told = status(
        job.github,
        job.runner.repository,
        event.head,
        "pending",
        "judging what the run on this commit saw",
        job.runner.run_url,
    )
    if not told.well:
        job.say(f"{told.name}: {told.detail}")
    try:
        return _conclude(job, change, _broken(event))
    except BaseException:
        words = "the report broke off; its log says why"
        where = (job.runner.repository, event.head, "error", words, job.runner.run_url)
        status(job.github, *where)
        raise


def _broken(event: Finished) -> tuple[NotChecked, ...]:
    if event.conclusion == "success":
        return ()
    return (
        NotChecked(
            what="all that the observing run had still to do",
            why=f"it ended with `{event.conclusion}`",
            do=f"Look at its log ({event.run_url}) and run it again.",
            fatal=True,
        ),
    )


def _conclude(job: Job, event: Review, more: tuple[NotChecked, ...]) -> int:
    from bot.configuration import judging

    parts = _parts(job, event)
    unseen = (*more, *missing(job.inputs.matrix, parts))
    if not parts:
        parts = (Facts(base=event.base, head=event.head),)
        unseen += (_NO_FACTS,)
    settings = settings_of_base(job, event.base)
    first, *rest = with_pull_request(job.github, job.runner.repository, parts, event.number)
    first = replace(first, not_checked=(*first.not_checked, *unseen))
    verdict = judged((first, *rest), judging(settings, job.run_own(settings)))
    return conclude(job, verdict, settings.comment, event)


_NO_FACTS = NotChecked(
    what="every changed revision",
    why="no facts file was found: the run that observes uploaded none, or the input `facts` names"
    " another place",
    do="Look at the log of the job with `mode: observe`.",
    fatal=True,
)


def _parts(job: Job, event: Review) -> tuple[Facts, ...]:
    """The facts of the event's head.

    Raises:
        BadFacts: a file is no facts file, or is about another commit.
    """
    parts: list[Facts] = []
    room = LIMIT_BYTES  # for all of them
    for path in job.workspace.matching(job.inputs.facts or "db-recheck-facts/**/facts.json"):
        name = path.relative_to(job.workspace.root)
        size = path.stat().st_size
        room -= size
        if len(parts) == FILES or room < 0:
            raise BadFacts(f"{name}: the facts files are too many or too large")
        try:
            facts = from_json(path.read_bytes())
        except BadFacts as error:
            raise BadFacts(f"{name}: {error}") from None
        if facts.head != event.head:
            raise BadFacts(
                f"{name}: is about the commit {facts.head[:40]!r}, and the head is {event.head}"
            )
        parts.append(facts)
    return tuple(parts)
