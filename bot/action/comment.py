"""A `/db-recheck` comment, carried out: who asks, what is asked, and the commit that it is about.

The comment's job holds a token that may write. What it checks is the head that GitHub named when
the author's rights were looked up, in the sandbox that every check has; the code of a fork is not
brought here at all: the run that has no rights is started again.
"""

from __future__ import annotations

from bot.action.check import look
from bot.action.conclude import conclude
from bot.action.consultation import CONFUSED, DONE, consult_here
from bot.action.job import Job, skip
from bot.action.pull_request import with_pull_request
from bot.action.runs import own_run
from bot.commands import CONSULTATIONS, Command, Misspelt, Word, parse
from bot.event import Asked, Review
from bot.github import NotKnown, PullRequest
from bot.github.ask import may_write, pull_request, runs_of
from bot.github.publish import react, rerun, status
from bot.github.reply import reply
from bot.judge import judge
from bot.verdict import Outcome, Verdict

SEEN, NO = "eyes", "-1"


def answer(job: Job, asked: Asked) -> int:
    """Carry out the comment's command; the exit status is the check's or the consultation's.

    It is 0 for everything else.
    """
    command = parse(asked.body)
    if command is None:
        return skip(job, "Nothing to do: no line of the comment starts with `/db-recheck`.")
    repository = job.runner.repository
    allowed = may_write(job.github, repository, asked.author)
    if not allowed:
        _react(job, asked, NO)
        why = f" ({allowed.why})" if isinstance(allowed, NotKnown) else ""
        return skip(
            job,
            f"Nothing was done: {asked.author} may not write to this repository{why}.",
        )
    _react(job, asked, SEEN)
    if not _looks(command):
        return _reply(job, asked, command)
    return _look(job, asked, command)


def _look(job: Job, asked: Asked, command: Command | Misspelt) -> int:
    """Carry out what is about the pull request's commits, as GitHub names them now."""
    pull = pull_request(job.github, job.runner.repository, asked.number)
    if isinstance(pull, NotKnown):
        _react(job, asked, CONFUSED)
        return skip(job, f"Nothing was checked: GitHub does not tell the head ({pull.why}).")
    if not pull.open:
        _react(job, asked, CONFUSED)
        return skip(job, "Nothing was checked: the pull request was closed.")
    if isinstance(command, Command) and command.word in CONSULTATIONS:
        return consult_here(job, asked, pull, command, _react)
    return _start_again(job, asked, pull) if pull.is_fork else _recheck(job, asked, pull)


def _looks(command: Command | Misspelt) -> bool:
    """Whether it is about the pull request's own commits."""
    return isinstance(command, Command) and command.word in {Word.RECHECK, *CONSULTATIONS}


def _reply(job: Job, asked: Asked, command: Command | Misspelt) -> int:
    from bot.action.answers import answered
    from bot.action.base import own_policies

    text, understood = answered(command, lambda: own_policies(job, asked.number))
    told = reply(job.github, job.runner.repository, asked.number, text)
    _react(job, asked, DONE if understood and told.well else CONFUSED)
    if not told.well:
        return skip(job, f"The answer could not be written: {told.detail}")
    return skip(job, f"Answered in {told.url}.")


def _recheck(job: Job, asked: Asked, pull: PullRequest) -> int:
    """Check the authorised head here and now."""
    from bot.configuration import judging

    event = Review(f"origin/{pull.base_ref}", pull.head_sha, pull.number, attached=False)
    _status(job, pull, "pending", "checking, as a comment asked for")
    try:
        facts, settings = look(job, event)
        (facts,) = with_pull_request(job.github, job.runner.repository, (facts,), event.number)
        verdict = judge(facts, judging(settings, job.run_own(settings)))
        if not _still_there(job, pull):
            _status(job, pull, "error", "the pull request moved on while this was checked")
            _react(job, asked, CONFUSED)
            return skip(
                job,
                f"Nothing was reported: the head is not {pull.head_sha[:12]} any more, and that"
                " is the commit that was to be checked.",
            )
        ended = conclude(job, verdict, settings.comment, event)
    except BaseException:
        _status(job, pull, "error", "the check broke off; its log says why")
        _react(job, asked, CONFUSED)
        raise
    _react(job, asked, _reaction(verdict))
    return ended


def _still_there(job: Job, pull: PullRequest) -> bool:
    now = pull_request(job.github, job.runner.repository, pull.number)
    return isinstance(now, PullRequest) and now.open and now.head_sha == pull.head_sha


def _reaction(verdict: Verdict) -> str:
    match verdict.verdict:
        case Outcome.FAIL:
            return NO
        case Outcome.ERROR:
            return CONFUSED
    return DONE


def _start_again(job: Job, asked: Asked, pull: PullRequest) -> int:
    """Run the unprivileged run of the fork's head again: it has no token that may write."""
    runs = runs_of(job.github, job.runner.repository, pull.head_sha)
    run = None if isinstance(runs, NotKnown) else own_run(runs, job.runner.workflow)
    if run is None:
        _react(job, asked, CONFUSED)
        why = runs.why if isinstance(runs, NotKnown) else "no workflow of db-recheck ran on it"
        return skip(job, f"Nothing was started: of {pull.head_sha[:12]}, {why}.")
    told = rerun(job.github, job.runner.repository, run.id)
    _react(job, asked, DONE if told.well else CONFUSED)
    return skip(job, f"The code of a fork is not run here. {told.detail}")


def _react(job: Job, asked: Asked, content: str) -> None:
    told = react(job.github, job.runner.repository, asked.comment_id, content)
    if not told.well:
        job.say(f"{told.name}: {told.detail}")


def _status(job: Job, pull: PullRequest, state: str, words: str) -> None:
    told = status(
        job.github, job.runner.repository, pull.head_sha, state, words, job.runner.run_url
    )
    if not told.well:
        job.say(f"{told.name}: {told.detail}")
