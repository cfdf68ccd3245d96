"""A question and what was seen become an answer. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from bot.consult import describe, status, suggest, suggest_shown
from bot.consult.describe import Size
from bot.consult.find import NotThere, tables
from bot.consult.page import Part, Points, Text, Title, as_markdown, as_text
from bot.consult.question import Describe, Question, Status, SuggestIndex
from bot.facts import Facts, NotChecked, Project
from bot.facts.trial import IndexTrial
from bot.policy import DEFAULTS, Options
from bot.wording import inert, inert_json, prose, several

Form = Literal["text", "markdown", "json"]


@dataclass(frozen=True)
class Known:
    """All that an answer is made from; ``trials`` are by the projects' configurations."""

    facts: Facts
    options: Options = DEFAULTS
    trials: Mapping[str, IndexTrial] = field(default_factory=dict)
    sizes: Mapping[str, Size] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The answer in parts and as data; ``unseen`` is what the bot could not see for it.

    ``told`` are the answers themselves, one for each project that has the table.
    """

    question: str
    facts: Facts
    parts: tuple[Part, ...]
    told: tuple[Any, ...]
    unseen: tuple[NotChecked, ...]

    @property
    def exit_status(self) -> int:
        """0 where all was seen, 3 where not (contract: "Exit status")."""
        return 3 if self.unseen else 0

    def render(self, form: Form) -> str:
        """The answer in that form."""
        if form == "json":
            return inert_json(json.dumps(self.data(), indent=2, ensure_ascii=False)) + "\n"
        if form == "markdown":
            return inert(as_markdown(self.parts))
        return inert(as_text(self.parts))

    def data(self) -> dict[str, Any]:
        """What ``--format json`` writes."""
        facts = self.facts
        return {
            "schema_version": 1,
            "question": self.question,
            "base": facts.base,
            "head": facts.head,
            "merge": facts.merge,
            "answers": msgspec.to_builtins(self.told),
            "not_checked": [
                {"what": item.what, "why": item.why, "do": item.do} for item in self.unseen
            ],
        }


def answer(question: Question, known: Known) -> Answer:
    """The answer to a question.

    Raises:
        NotThere: everything was seen, and what is asked about is not in it.
    """
    facts = known.facts
    unseen = tuple(item for item in facts.not_checked if item.fatal)
    told: tuple[Any, ...] = ()
    parts: tuple[Part, ...] = ()
    match question:
        case Status():
            found = [status.standing(item) for item in facts.projects if _loaded(item)]
            told, parts = tuple(found), status.shown(found)
        case Describe(table):
            described = [
                describe.description(project, found_table, known.sizes)
                for project, found_table in _tables(facts, table, unseen)
            ]
            told, parts = tuple(described), describe.shown(described)
        case SuggestIndex(table, columns):
            suggested = [
                suggest.suggestion(
                    project,
                    found_table,
                    columns,
                    known.options,
                    known.trials.get(project.config),
                )
                for project, found_table in _tables(facts, table, unseen)
            ]
            told, parts = tuple(suggested), suggest_shown.shown(suggested, known.sizes)
            unseen += tuple(
                _untried(item) for item in suggested if item.trial and item.trial.failure
            )
    parts = (*_conflicts(facts), *parts, *_unseen(unseen))
    return Answer(word_of(question), facts, parts, told, unseen)


def word_of(question: Question) -> str:
    """The command's word."""
    words = {Describe: "describe", Status: "status", SuggestIndex: "suggest-index"}
    return words[type(question)]


def _loaded(project: Project) -> bool:
    return bool(project.head.revisions or project.base.revisions)


def _tables(facts: Facts, word: str, unseen: Sequence[NotChecked]) -> tuple[Any, ...]:
    """The tables of that name; none where what was not seen may have it."""
    try:
        return tables(facts.projects, word)
    except NotThere:
        if unseen:
            return ()
        raise


def _untried(item: suggest.Suggestion) -> NotChecked:
    failure = item.trial.failure if item.trial else ""
    return NotChecked(
        what=f"the index on {item.table.full_name}",
        why=f"it could not be tried on a filled table: {failure}",
        do="Try the statement on a copy of the table that holds rows.",
        fatal=True,
        project=item.project,
    )


def _conflicts(facts: Facts) -> tuple[Part, ...]:
    if not facts.conflicts:
        return ()
    names = several(facts.conflicts)
    return (
        Text(f"Head cannot be merged into base (conflicts in {names}): this is about head alone."),
    )


def _unseen(unseen: Sequence[NotChecked]) -> tuple[Part, ...]:
    if not unseen:
        return ()
    lines = [f"{prose(item.what)}: {prose(item.why, 1000)}. {prose(item.do)}" for item in unseen]
    return (Title("What could not be seen", 2), Points(tuple(lines)))
