"""The story of one consultation: the merged tree's schema is built, and asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.changes import Repository
from bot.changes.scratch import scratch_folder
from bot.clock import Clock
from bot.configuration import options_of
from bot.consult.answer import Answer, Known, answer
from bot.consult.find import NotThere, tables
from bot.consult.question import Question, Status, SuggestIndex
from bot.consult.suggest import suggestion, work
from bot.discovery import discover
from bot.facts import Facts, Project
from bot.facts.schema import Schema
from bot.facts.sizes import Size
from bot.facts.trial import IndexWork
from bot.policy import Options
from bot.production import production
from bot.review import told
from bot.settings import Settings
from bot.subject import Order, Progress, Subject

if TYPE_CHECKING:
    from bot.observe.consulted import Consultation
    from bot.observe.facilities import Facilities


def consult(
    order: Order,
    question: Question,
    environ: Mapping[str, str],
    progress: Progress,
    facilities: Facilities | None = None,
) -> Answer:
    """Answer a question about the merge of head into base, whether or not head changes anything.

    Raises:
        GitError, SettingsError, NoAlembic: as ``bot.review.review``.
        NotThere: there is no such table or column.
    """

    def asked(settings: Settings) -> Consultation:
        from bot.observe.consulted import Consultation

        options = options_of(settings)
        return Consultation(
            lambda schema: _work(schema, question, options),
            schema=not isinstance(question, Status),
        )

    facts, settings, sizes, consultation = look(order, asked, environ, progress, facilities)
    return answer(question, Known(facts, options_of(settings), consultation.trials, sizes))


def look(
    order: Order,
    asked: Callable[[Settings], Consultation],
    environ: Mapping[str, str],
    progress: Progress,
    facilities: Facilities | None = None,
) -> tuple[Facts, Settings, dict[str, Size], Consultation]:
    """Build the schema of every environment at the merge of head into base, and ask of it.

    With what was seen and asked, the settings and what is stated of production's tables.

    Raises:
        GitError, SettingsError, NoAlembic: as ``bot.review.review``.
    """
    with scratch_folder(order.temporary) as scratch:
        repository = Repository(order.repo, environ, scratch)
        subject, loaded = discover(order, repository, progress)
        subject = _whole(subject)
        settings = loaded.settings
        stated = production(settings, subject.base, subject.merged)
        clock = Clock(settings.timeout)
        from bot.experiment import run_everything  # psycopg and all that: not for a wrong setting

        consultation = asked(settings)
        facts = run_everything(
            order,
            subject,
            replace(told(subject, loaded), nothing=None, day=clock.day),
            settings,
            clock,
            environ,
            progress,
            facilities,
            consultation=consultation,
        )
        return facts, settings, {size.table: size for size in stated.sizes}, consultation


def _whole(subject: Subject) -> Subject:
    """Every environment of the merged tree, whatever the change concerns."""
    everything = replace(subject.relevance, check=True, environments=subject.new.environments)
    return replace(subject, relevance=everything)


def _work(schema: Schema, question: Question, options: Options) -> IndexWork | None:
    """What to try on that schema; what is not there is told once everything was seen."""
    if not isinstance(question, SuggestIndex):
        return None
    project = Project("", "", schema=schema)
    try:
        ((_, table),) = tables((project,), question.table)
        return work(suggestion(project, table, question.columns, options))
    except NotThere:
        return None
