"""Saying the verdict on GitHub: status, comment, review, check run. One failure loses no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from bot.github import ask
from bot.github.check_run import put_check_run
from bot.github.client import GitHub
from bot.github.comment import put_comment
from bot.github.faults import GitHubError, Trouble
from bot.github.records import NotKnown, Part, Place, Published, State
from bot.github.review import put_review
from bot.github.status import STATES, ask_rerun, put_reaction, put_status
from bot.github.words import FORGEABLE
from bot.markup import plain
from bot.report import Display, Format, render
from bot.report.sections import headline
from bot.verdict import Outcome, Verdict

When = Literal["always", "on-findings", "never"]
TRIES = 2  # of a part whose writing broke off: each begins by looking what is there


def publish(
    github: GitHub,
    place: Place,
    verdict: Verdict,
    *,
    comment: When = "always",
    attach_status: bool = False,
    review: bool = True,
    check_run: bool = True,
    forgeable: bool = False,
    rest: str | None = None,
) -> Published:
    """Say the verdict on the commit and, where there is one, on the pull request.

    ``attach_status`` sets the commit status; a commit that has one gets it in any case, because a
    status and a check of one name are both required. ``forgeable`` is for facts that an
    unprivileged run reported: the texts say so. ``rest`` says where the reader finds what did not
    fit. Nothing is written where everything says so already, and nothing is raised.

    ``comment: always`` begins no comment on a change without anything to check.
    """
    parts = [_tried("status", lambda: _status(github, place, verdict, always=attach_status))]
    closed = _not_there(github, place)
    told = Part("comment", State.SKIPPED, "comments are switched off")
    if closed:
        told = Part("comment", State.SKIPPED, closed)
    elif comment != "never":
        text = _text(place, verdict, rest, forgeable=forgeable)
        create = _worth_it(verdict, comment)
        told = _tried("comment", lambda: put_comment(github, place, text, create=create))
    parts.append(told)
    if closed or not review:
        parts.append(Part("review", State.SKIPPED, closed or "reviews are switched off"))
    else:
        parts.append(
            _tried(
                "review",
                lambda: put_review(
                    github, place, verdict, comment_url=told.url, forgeable=forgeable
                ),
            )
        )
    if check_run:
        parts.append(_tried("check run", lambda: put_check_run(github, place, verdict)))
    return Published(tuple(parts))


def status(
    github: GitHub, repository: str, sha: str, state: str, description: str, target_url: str
) -> Part:
    """Set the commit status ``db-recheck``; never raises. See ``put_status``."""
    return _tried(
        "status", lambda: put_status(github, repository, sha, state, description, target_url)
    )


def react(github: GitHub, repository: str, comment_id: int, content: str) -> Part:
    """React to a comment; never raises. See ``put_reaction``."""
    return _tried("reaction", lambda: put_reaction(github, repository, comment_id, content))


def rerun(github: GitHub, repository: str, run_id: int) -> Part:
    """Run a workflow run again; never raises. See ``ask_rerun``."""
    return _tried("rerun", lambda: ask_rerun(github, repository, run_id))


def _tried(name: str, action: Callable[[], Part]) -> Part:
    """The part as it ended, whatever came in its way."""
    for attempt in range(1, TRIES + 1):
        try:
            return action()
        except GitHubError as error:
            if error.trouble is Trouble.NOT_PERMITTED:
                return Part(name, State.NOT_PERMITTED, str(error))
            if error.trouble is not Trouble.UNAVAILABLE or attempt == TRIES:
                return Part(name, State.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one part is not the others'
            return Part(name, State.FAILED, f"db-recheck's own fault: {type(error).__name__}")
    raise AssertionError  # the last attempt returns


def _not_there(github: GitHub, place: Place) -> str | None:
    """Why nothing is to be said on the pull request, None when all is as it was checked."""
    if place.number is None:
        return "there is no pull request"
    pull = ask.pull_request(github, place.repository, place.number)
    if isinstance(pull, NotKnown):
        return None  # each part finds out for itself
    if not pull.open:
        return f"#{place.number} was closed meanwhile"
    if pull.head_sha != place.head_sha:
        return f"#{place.number} moved to {pull.head_sha[:9]}: the run of that commit reports"
    return None


def _status(github: GitHub, place: Place, verdict: Verdict, *, always: bool) -> Part:
    if not always and not ask.has_status(github, place.repository, place.head_sha):
        return Part("status", State.SKIPPED, "the job itself is the check of this commit")
    said = f"{headline(verdict)}: {plain(verdict.summary)}"
    state = STATES[verdict.verdict]
    return put_status(github, place.repository, place.head_sha, state, said, place.run_url)


def _worth_it(verdict: Verdict, comment: When) -> bool:
    if verdict.counting or verdict.verdict is Outcome.ERROR:
        return True
    return comment == "always" and verdict.verdict is not Outcome.SKIP


def _text(place: Place, verdict: Verdict, rest: str | None, *, forgeable: bool) -> str:
    where = rest or f"[the job summary and the JSON report]({place.run_url}) have all of it"
    tail = f"\n{FORGEABLE}\n" if forgeable else ""
    display = Display(rest=where, limit=Display.limit - len(tail.encode()) - 100)
    return render(Format.MARKDOWN, verdict, display) + tail
