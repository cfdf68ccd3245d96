"""`mode: check` and `mode: observe` on a change: look, judge, tell."""

from __future__ import annotations

from pathlib import Path

from bot.action.cache import usable_cache
from bot.action.conclude import conclude
from bot.action.job import Job
from bot.action.pull_request import with_pull_request
from bot.changes import Request
from bot.event import Review
from bot.facts import Facts
from bot.judge import judge
from bot.settings import Settings
from bot.subject import Order


def check(job: Job, event: Review) -> int:
    """Review the change and say on the pull request what came of it."""
    from bot.configuration import judging

    facts, settings = look(job, event)
    (facts,) = with_pull_request(job.github, job.runner.repository, (facts,), event.number)
    verdict = judge(facts, judging(settings, job.run_own(settings)))
    return conclude(job, verdict, settings.comment, event)


def observe(job: Job, event: Review) -> int:
    """Write down what was seen, for a run that may speak. Needs no token.

    The exit status is 0 whatever was seen, because judging it is the other run's business.
    """
    from bot.facts.serial import to_json

    facts, _ = look(job, event)
    path = job.workspace.write("facts.json", to_json(facts))
    job.outputs.set("facts", path)
    if facts.nothing is not None:
        job.outputs.set("verdict", "skip")
    said = (
        facts.nothing
        or f"What was seen of {facts.head[:12]} is in `{path}`; `mode: report` judges it."
    )
    job.say(said)
    job.outputs.summarise(f"### db-recheck\n\n{said}\n")
    return 0


def look(job: Job, event: Review) -> tuple[Facts, Settings]:
    """What running the change shows, and the settings that hold."""
    from bot.review import review

    order = ordered(job, event)
    with usable_cache(job):
        return review(order, job.git_environ, job.progress)


def ordered(job: Job, event: Review) -> Order:
    """What to review, as the workflow asks for it."""
    return Order(
        repo=job.workspace.root,
        request=Request(job.inputs.base or event.base, event.head),
        load_settings=job.stated().load,
        temporary=Path(job.temporary),
        packages=job.packages,
    )
