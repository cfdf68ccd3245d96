"""The default branch moved: keep its database for the next pull request, check the open ones anew.

Alembic does not notice that two branches each add a revision to the same parent until both are
merged: what was green yesterday has two heads today.
"""

from __future__ import annotations

from dataclasses import replace

from bot.action.cache import usable_cache
from bot.action.check import ordered
from bot.action.job import Job, skip
from bot.action.runs import own_run
from bot.changes import Repository
from bot.changes.scratch import scratch_folder
from bot.clock import Clock
from bot.discovery import discover
from bot.event import Review, Warm
from bot.github import NotKnown
from bot.github.ask import open_pull_requests, runs_of
from bot.github.publish import rerun
from bot.projects import Environment, Relevance
from bot.review import told


def base_moved(job: Job, event: Warm) -> int:
    """Warm the cache and start the checks of open pull requests again, where that is permitted."""
    said = []
    if job.inputs.cache_dir:
        with usable_cache(job):
            said.append(_warm(job, event))
    said.append(_again(job, event))
    return skip(job, " ".join(said))


def _warm(job: Job, event: Warm) -> str:
    """Build the database of each project alone, as a pull request's check looks for it."""
    from bot.experiment import run_everything

    order = ordered(job, Review(event.after, event.after))
    kept = []
    with scratch_folder(job.temporary) as scratch:
        repository = Repository(job.workspace.root, job.git_environ, scratch)
        subject, loaded = discover(order, repository, job.progress)
        clock = Clock(loaded.settings.timeout)
        for environment in subject.new.environments:
            alone = Relevance(True, "the cache is warmed", (environment,))  # noqa: FBT003 - the field is `check`
            facts = run_everything(
                order,
                replace(subject, relevance=alone),
                told(subject, loaded),
                loaded.settings,
                clock,
                job.environ,
                job.progress,
            )
            kept += [environment.name] if facts.projects else []
            for entry in facts.not_checked:
                job.say(f"not seen: {entry.what}: {entry.why}")
    return (
        f"The database of {event.branch} is ready for the next check: {', '.join(kept) or 'none'}."
    )


def _again(job: Job, event: Warm) -> str:
    """Start the newest run on each open pull request that touches migrations again."""
    if event.before is None or not job.inputs.token:
        return "No open pull request was checked anew."
    places = _migrations(job, event)
    if not places:
        return "No revision was added or changed, so no open pull request needs another check."

    def touching(path: str) -> bool:
        return any(environment.holds(path) for environment in places)

    repository = job.runner.repository
    pulls = open_pull_requests(job.github, repository, event.branch, touching)
    if isinstance(pulls, NotKnown):
        return f"No open pull request was checked anew: {pulls.why}."
    started = 0
    for pull in pulls:
        runs = runs_of(job.github, repository, pull.head_sha)
        run = None if isinstance(runs, NotKnown) else own_run(runs, job.runner.workflow)
        outcome = rerun(job.github, repository, run.id) if run else None
        if outcome is not None and outcome.well:
            started += 1
        else:
            why = outcome.detail if outcome else "no run of db-recheck was found on its head"
            job.say(f"#{pull.number} was not checked anew: {why}")
    return f"{started} of {len(pulls)} open pull requests with migrations are checked anew."


def _migrations(job: Job, event: Warm) -> tuple[Environment, ...]:
    """The environments whose revision files the push added, changed or removed."""
    with scratch_folder(job.temporary) as scratch:
        repository = Repository(job.workspace.root, job.git_environ, scratch)
        order = ordered(job, Review(event.before or event.after, event.after))
        subject, _ = discover(order, repository, job.progress)
    paths = {name for file in subject.change.files for name in (file.path, file.old_path) if name}
    found = (*subject.new.environments, *subject.old.environments)
    touched = (item for item in found if any(item.holds(path) for path in paths))
    return tuple({item.name: item for item in touched}.values())
