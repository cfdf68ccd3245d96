"""The review: a comment on each finding's line, brought up to date on every push."""

from __future__ import annotations

from collections.abc import Iterable

from bot.github import markers, threads, words
from bot.github.client import GitHub
from bot.github.faults import GitHubError, Trouble
from bot.github.posting import Posting, Room, placed, post
from bot.github.records import Part, Place, State
from bot.github.threads import Thread
from bot.verdict import Judged, Outcome, Verdict

PART = "review"
LINES = 30  # line comments that a pull request gets; more is no review but a flood
FILES = 5  # comments on whole files: each is a message of its own


def put_review(
    github: GitHub,
    place: Place,
    verdict: Verdict,
    *,
    comment_url: str | None,
    forgeable: bool = False,
) -> Part:
    """Make the pull request's review threads tell the verdict's findings, each once.

    Findings that are gone have their threads resolved, unchanged ones are left alone, new ones are
    added in one review. ``comment_url`` is where findings without a line are told in full; without
    it the review's text lists them. ``forgeable`` says so in each text and offers no suggestion.

    Raises:
        GitHubError: the threads could not be read, or nothing could be posted or changed.
    """
    known = threads.our_threads(github, place)
    updated, errors = _bring_up_to_date(github, verdict, known)
    told = {thread.fingerprint: thread for thread in known}
    new = [item for item in verdict.counting if item.fingerprint not in told]
    # What is there counts too, or a second run would add what the first one held back.
    there = [told[item.fingerprint] for item in verdict.counting if item.fingerprint in told]
    on_files = sum(thread.on_file for thread in there)
    room = Room(max(0, LINES - len(there) + on_files), max(0, FILES - on_files))
    posting = Posting(github, place, comment_url, forgeable)
    posted, left = post(posting, placed(posting, verdict, new), room)
    if errors and not updated and not posted:
        raise errors[0]
    parts = [
        f"{posted} added" if posted else "",
        f"{updated} brought up to date" if updated else "",
        f"{left} did not fit the diff" if left else "",
        f"{len(errors)} could not be changed: {errors[0]}" if errors else "",
    ]
    detail = ", ".join(filter(None, parts)) or "nothing changed on the lines"
    return Part(PART, State.DONE if posted or updated else State.UNCHANGED, detail)


def _bring_up_to_date(
    github: GitHub, verdict: Verdict, known: Iterable[Thread]
) -> tuple[int, list[GitHubError]]:
    """Resolve, reopen and reword our threads; how many changed, and why others would not."""
    wanted = {item.fingerprint: item for item in verdict.counting}
    changed, errors = 0, []
    for thread in known:
        item = wanted.get(thread.fingerprint)
        try:
            if item is None:
                changed += _settle(github, thread) if _surely_gone(verdict, thread) else 0
            else:
                changed += _renew(github, thread, item)
        except GitHubError as error:
            errors.append(error)  # one thread's trouble is not the others'
    return changed, errors


def _surely_gone(verdict: Verdict, thread: Thread) -> bool:
    """Whether a finding that is not told any more is gone, and not merely out of sight."""
    if any(item.fingerprint == thread.fingerprint for item in verdict.findings):
        return True  # seen, and waived or known to base
    if verdict.verdict is Outcome.ERROR:
        return False
    return thread.outdated or not verdict.not_checked


def _settle(github: GitHub, thread: Thread) -> bool:
    if thread.resolved or thread.id is None or thread.digest == markers.digest(words.GONE):
        return False
    try:
        threads.resolve(github, thread.id)
    except GitHubError as error:
        # Some tokens may write comments and still not resolve threads.
        if error.trouble is not Trouble.NOT_PERMITTED or thread.comment is None:
            raise
        title = next(iter(thread.body.split("\n")[1:2]), "")
        threads.edit(github, thread.comment, words.gone_comment(thread.fingerprint, title))
    return True


def _renew(github: GitHub, thread: Thread, item: Judged) -> bool:
    changed = False
    if thread.comment and thread.digest != words.digest_of(item):
        threads.edit(github, thread.comment, words.line_comment(item))
        changed = True
    if thread.id and thread.resolved and not thread.by_person:
        threads.unresolve(github, thread.id)
        changed = True
    return changed
