"""`/db-recheck describe`, `status` and `suggest-index`: the schema at head built, asked, answered.

The code of a fork is not brought here, as for every comment: its pull request is answered with what
the base branch has, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.action.check import ordered
from bot.action.job import Job, skip
from bot.commands import Command, Word
from bot.consult.page import Part, Text, as_markdown
from bot.consult.question import Describe, Question, Status, SuggestIndex
from bot.event import Asked, Review
from bot.github import PullRequest
from bot.github.reply import reply
from bot.wording import code

DONE, CONFUSED = "rocket", "confused"
LONGEST = 60_000  # characters; GitHub takes comments of 65 536

React = Callable[[Job, Asked, str], None]


def consult_here(job: Job, asked: Asked, pull: PullRequest, command: Command, react: React) -> int:
    """Answer in a comment of its own; the exit status is 3 where something was not seen."""
    from bot.consult.find import NotThere
    from bot.consult.run import consult

    base = f"origin/{pull.base_ref}"
    head = base if pull.is_fork else pull.head_sha
    order = ordered(job, Review(base, head, pull.number, attached=False))
    parts: tuple[Part, ...]
    try:
        answer = consult(order, question_of(command), job.git_environ, job.progress)
        parts, status = answer.parts, answer.exit_status
    except NotThere as error:
        parts, status = (Text(f"{str(error)[:1].upper()}{str(error)[1:]}."),), 0
        understood = False
    except BaseException:
        react(job, asked, CONFUSED)
        raise
    else:
        understood = status == 0
    told = reply(job.github, job.runner.repository, asked.number, _comment(parts, pull))
    react(job, asked, DONE if understood and told.well else CONFUSED)
    if not told.well:
        skip(job, f"The answer could not be written: {told.detail}")
        return status
    skip(job, f"Answered in {told.url}.")
    return status


def question_of(command: Command) -> Question:
    """What the command asks."""
    words = [word.strip("`") for word in command.arguments]
    match command.word:
        case Word.DESCRIBE:
            return Describe(words[0])
        case Word.SUGGEST_INDEX:
            return SuggestIndex(words[0], tuple(words[1:]))
    return Status()


def _comment(parts: tuple[Part, ...], pull: PullRequest) -> str:
    """As much of the answer as a comment takes, and what it is about."""
    about = f"About {code(pull.head_sha[:12])} merged into {code(pull.base_ref)}."
    if pull.is_fork:
        about = (
            f"About {code(pull.base_ref)} alone: the code of a fork is not run for a comment."
            " On your own machine the same command answers for the merge."
        )
    text = ""
    for part in parts:
        more = as_markdown((part,)) + "\n"
        if len(text) + len(more) > LONGEST:
            text += "The rest is left out; the same command on your own machine tells it all.\n\n"
            break
        text += more
    return f"{text}{about}\n"
