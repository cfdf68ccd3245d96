"""The review: a comment on each finding's line, brought up to date on every push."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.facts import Hunk
from bot.github import ask, markers, threads, words
from bot.github.client import GitHub, commit
from bot.github.faults import GitHubError, Trouble
from bot.github.placing import Level, Spot, spot
from bot.github.records import NotKnown, Part, Place, State
from bot.github.suggestions import Suggestion, suggestion
from bot.github.threads import Thread
from bot.verdict import Judged, Outcome, Verdict

if TYPE_CHECKING:
    from github import Github
    from github.PullRequest import ReviewComment

PART = "review"
LINES = 30  # new line comments of one review; more is no review but a flood
FILES = 5  # new file-level comments: each is a message of its own


class Placed(NamedTuple):
    """A finding, the spot for its comment, and the suggestion that fits there."""

    item: Judged
    spot: Spot
    fix: Suggestion | None


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
        GitHubError: the threads could not be read, or nothing new could be posted.
    """
    known = threads.our_threads(github, place)
    updated, failed = _bring_up_to_date(github, verdict, known, forgeable=forgeable)
    told = {thread.fingerprint for thread in known}
    new = [item for item in verdict.counting if item.fingerprint not in told]
    placed = _placed(github, place, verdict, new, suggest=not forgeable)
    posted, left = _post(github, place, placed, comment_url, forgeable=forgeable)
    parts = [
        f"{posted} added" if posted else "",
        f"{updated} brought up to date" if updated else "",
        f"{left} did not fit the diff" if left else "",
        f"{failed} could not be changed" if failed else "",
    ]
    state = State.DONE if posted or updated else State.FAILED if failed else State.UNCHANGED
    detail = ", ".join(filter(None, parts)) or "nothing changed on the lines"
    return Part(PART, state, detail)


def _bring_up_to_date(
    github: GitHub, verdict: Verdict, known: Iterable[Thread], *, forgeable: bool
) -> tuple[int, int]:
    """Resolve, reopen and reword our threads; how many changed, and how many would not."""
    wanted = {item.fingerprint: item for item in verdict.counting}
    changed = failed = 0
    for thread in known:
        item = wanted.get(thread.fingerprint)
        try:
            if item is None:
                changed += _settle(github, thread) if _surely_gone(verdict, thread) else 0
            else:
                changed += _renew(github, thread, item, forgeable=forgeable)
        except GitHubError:
            failed += 1  # one thread's trouble is not the others'
    return changed, failed


def _surely_gone(verdict: Verdict, thread: Thread) -> bool:
    """Whether a finding that is not told any more is gone, and not merely out of sight."""
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


def _renew(github: GitHub, thread: Thread, item: Judged, *, forgeable: bool) -> bool:
    changed = False
    if thread.comment and thread.digest != words.digest_of(item):
        threads.edit(github, thread.comment, words.line_comment(item, forgeable=forgeable))
        changed = True
    if thread.id and thread.resolved and not thread.by_person:
        threads.unresolve(github, thread.id)
        changed = True
    return changed


def _placed(
    github: GitHub, place: Place, verdict: Verdict, new: Sequence[Judged], *, suggest: bool
) -> list[Placed]:
    paths = {item.path for item in new}
    diff = ask.diff(github, place.repository, place.number or 0, paths)
    shown: Mapping[str, Sequence[Hunk]] = (
        {file.path: file.hunks for file in verdict.facts.files}
        if isinstance(diff, NotKnown)
        else diff
    )
    placed = []
    for item in new:
        where = spot(item.path, item.line, item.end_line, shown)
        fix = None
        if where.level is Level.LINE and suggest:
            fix = suggestion(verdict.facts, item, shown[item.path])
        if fix:
            where = Spot(Level.LINE, fix.start, fix.end)
        placed.append(Placed(item, where, fix))
    return placed


def _post(
    github: GitHub,
    place: Place,
    placed: Sequence[Placed],
    comment_url: str | None,
    *,
    forgeable: bool,
) -> tuple[int, int]:
    """Post what is new; how many comments were made and how many findings had no place."""
    lines = [one for one in placed if one.spot.level is Level.LINE][:LINES]
    files = [one for one in placed if one.spot.level is Level.FILE][:FILES]
    chosen = {one.item.fingerprint for one in (*lines, *files)}
    elsewhere = [one.item for one in placed if one.item.fingerprint not in chosen]
    for one in files:
        if not _post_on_file(github, place, one.item, forgeable=forgeable):
            elsewhere.append(one.item)
    refused = _post_review(github, place, lines, elsewhere, comment_url, forgeable=forgeable)
    posted = len(lines) + len(files) - len([x for x in elsewhere if x.fingerprint in chosen])
    return posted - len(refused), len(elsewhere) + len(refused)


def _post_review(
    github: GitHub,
    place: Place,
    lines: Sequence[Placed],
    elsewhere: Sequence[Judged],
    comment_url: str | None,
    *,
    forgeable: bool,
) -> list[Judged]:
    """One review with all of them; those that GitHub took neither so nor one by one."""
    if elsewhere and not comment_url:
        before = _listed_before(github, place)
        elsewhere = [item for item in elsewhere if item.fingerprint not in before]
    if not lines and (comment_url or not elsewhere):
        return []
    body = words.review_body(len(lines), elsewhere, comment_url, forgeable=forgeable)
    comments = [_comment(one, forgeable=forgeable) for one in lines]
    try:
        github.write(lambda api: _create_review(api, place, body, comments))
    except GitHubError as error:
        if error.trouble is not Trouble.REFUSED or not lines:
            raise
    else:
        return []
    # One comment off GitHub's own diff loses the whole review: each for itself, then by its file.
    refused = []
    for one, comment in zip(lines, comments, strict=True):
        on_line = _try(github, place, comment)
        if not on_line and not _post_on_file(github, place, one.item, forgeable=forgeable):
            refused.append(one.item)
    return refused


def _comment(one: Placed, *, forgeable: bool) -> ReviewComment:
    body = words.line_comment(one.item, one.fix, forgeable=forgeable)
    comment: ReviewComment = {
        "path": one.item.path,
        "body": body,
        "line": one.spot.line,
        "side": "RIGHT",
    }
    if one.spot.start < one.spot.line:
        comment |= {"start_line": one.spot.start, "start_side": "RIGHT"}
    return comment


def _create_review(api: Github, place: Place, body: str, comments: Sequence[ReviewComment]) -> None:
    api.get_repo(place.repository).get_pull(place.number or 0).create_review(
        commit=commit(api, place.repository, place.head_sha),
        body=body,
        event="COMMENT",
        comments=list(comments),
    )


def _try(github: GitHub, place: Place, comment: ReviewComment) -> bool:
    """Post one line comment by itself; False where GitHub does not take it."""
    return _single(github, place, {**comment, "commit_id": place.head_sha})


def _post_on_file(github: GitHub, place: Place, item: Judged, *, forgeable: bool) -> bool:
    """Post a comment on the whole file; False where GitHub does not take it."""
    body = words.file_comment(item, forgeable=forgeable)
    comment = {"path": item.path, "body": body, "subject_type": "file"}
    return _single(github, place, {**comment, "commit_id": place.head_sha})


def _single(github: GitHub, place: Place, comment: Mapping[str, object]) -> bool:
    address = f"/repos/{place.repository}/pulls/{place.number}/comments"
    try:
        github.write(lambda api: api.requester.requestJsonAndCheck("POST", address, input=comment))
    except GitHubError as error:
        if error.trouble is not Trouble.REFUSED:
            raise
        return False
    return True


def _listed_before(github: GitHub, place: Place) -> frozenset[str]:
    """Fingerprints that the texts of earlier reviews list."""
    bodies = github.read(
        lambda api: [
            review.body or ""
            for review in api.get_repo(place.repository).get_pull(place.number or 0).get_reviews()
        ]
    )
    ours = [body for body in bodies if body.startswith(markers.REVIEW)]
    return frozenset().union(*(markers.findings_in(body) for body in ours))
