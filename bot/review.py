"""The story of one review: what changed, where Alembic lives, what happens when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bot import __version__
from bot.changes import Repository
from bot.changes.scratch import scratch_folder
from bot.clock import Clock
from bot.configuration import Loaded, own_ids
from bot.discovery import discover
from bot.evidence import (
    history_of,
    kept_at,
    not_found,
    not_parsed,
    problems_of,
    sources_of,
    told_files,
    told_path,
)
from bot.facts import Facts
from bot.production import production
from bot.settings import Settings
from bot.subject import Order, Progress, Subject

if TYPE_CHECKING:
    from bot.observe.facilities import Facilities


def review(
    order: Order,
    environ: Mapping[str, str],
    progress: Progress,
    facilities: Facilities | None = None,
) -> tuple[Facts, Settings]:
    """Read the change, run it where there is something to check, and return what was seen.

    ``facilities`` are those of the run's own unless given.

    Raises:
        GitError: the commits cannot be had.
        SettingsError: the configuration is wrong.
        NoAlembic: neither base nor the change has an Alembic environment.
    """
    with scratch_folder(order.temporary) as scratch:
        repository = Repository(order.repo, environ, scratch)
        subject, loaded = discover(order, repository, progress)
        settings = loaded.settings
        clock = Clock(settings.timeout)
        stated = production(settings, subject.base, subject.merged)
        facts = told(subject, loaded)
        facts = replace(
            facts,
            sizes=stated.sizes,
            queries=stated.queries,
            not_checked=(*facts.not_checked, *stated.not_checked),
        )
        if facts.nothing is not None or not (subject.relevance.check or facts.conflicts):
            return replace(facts, timings_ms=clock.timings_ms()), settings
        sources = sources_of(subject)
        facts = replace(
            facts,
            sources=sources,
            commits=history_of(subject),
            kept=kept_at(subject),
            day=clock.day,
            not_checked=(*facts.not_checked, *not_parsed(subject, sources)),
        )
        from bot.experiment import run_everything  # psycopg and all that: not for a skip

        facts = run_everything(
            order,
            subject,
            facts,
            settings,
            clock,
            environ,
            progress,
            facilities,
            production=stated,
        )
        return facts, settings


def told(subject: Subject, loaded: Loaded) -> Facts:
    """What git and the files alone say, with the reason where there is nothing to check."""
    change, relevance = subject.change, subject.relevance
    problems = problems_of(subject)
    idle = not (relevance.check or change.conflicts or problems)
    return Facts(
        base=change.base,
        head=change.head,
        base_name=change.base_name,
        merge=change.merge,
        conflicts=tuple(told_path(path) for path in change.conflicts),
        nothing=relevance.reason if idle else None,
        files=told_files(change.files),
        configuration=loaded.changes,
        own=own_ids(loaded.settings),
        not_checked=(
            *problems,
            *not_found(relevance),
        ),
        tool_version=__version__,
    )
