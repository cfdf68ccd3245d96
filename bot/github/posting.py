"""New findings become comments on lines, else on files, else words in the review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.facts import Hunk
from bot.github import ask, markers, words
from bot.github.client import GitHub, commit
from bot.github.faults import GitHubError, Trouble
from bot.github.placing import Level, Spot, spot
from bot.github.records import NotKnown, Place, PullRequest
from bot.github.suggestions import Suggestion, suggestion
from bot.verdict import Judged, Verdict

if TYPE_CHECKING:
    from github import Github
    from github.PullRequest import ReviewComment


@dataclass(frozen=True)
class Placed:
    """A finding, the spot for its comment, and the suggestion that fits there."""

    item: Judged
    spot: Spot
    fix: Suggestion | None = None


@dataclass(frozen=True)
class Room:
    """How many more comments on lines and on whole files the pull request is to get."""

    lines: int
    files: int


@dataclass(frozen=True)
class Posting:
    """Where to post and in what words; see ``bot.github.review.put_review``."""

    github: GitHub
    place: Place
    comment_url: str | None
    forgeable: bool


def placed(posting: Posting, verdict: Verdict, new: Sequence[Judged]) -> list[Placed]:
    """Each finding with its spot, by GitHub's own diff; by git's where GitHub does not tell it."""
    number = posting.place.number or 0
    paths = {item.path for item in new}
    diff = ask.diff(posting.github, posting.place.repository, number, paths)
    shown: Mapping[str, Sequence[Hunk]] = (
        {file.path: file.hunks for file in verdict.facts.files}
        if isinstance(diff, NotKnown)
        else diff
    )
    found = []
    for item in new:
        where = spot(item.path, item.line, item.end_line, shown)
        fix = None
        if where.level is Level.LINE and not posting.forgeable:
            fix = suggestion(verdict.facts, item, shown[item.path])
        found.append(Placed(item, Spot(Level.LINE, fix.start, fix.end) if fix else where, fix))
    return found


def post(posting: Posting, new: Sequence[Placed], room: Room) -> tuple[int, int]:
    """Post as many as there is room for: how many were, and how many have no comment of their own.

    Raises:
        GitHubError: GitHub could not be reached, or takes no comments at all.
    """
    lines = [one for one in new if one.spot.level is Level.LINE][: room.lines]
    files = [one for one in new if one.spot.level is Level.FILE][: room.files]
    on_files = [one for one in files if _on_file(posting, one.item)]
    kept = {one.item.fingerprint for one in (*lines, *on_files)}
    elsewhere = [one.item for one in new if one.item.fingerprint not in kept]
    on_lines = len(lines) - _review(posting, lines, elsewhere)
    return on_lines + len(on_files), len(new) - on_lines - len(on_files)


def _review(posting: Posting, lines: Sequence[Placed], elsewhere: Sequence[Judged]) -> int:
    """One review with all of them; the number of those that GitHub does not take at all."""
    if elsewhere and not posting.comment_url:
        before = _listed_before(posting)
        elsewhere = [item for item in elsewhere if item.fingerprint not in before]
    if not lines and (posting.comment_url or not elsewhere):
        return 0
    comments = [_on_lines(one) for one in lines]
    try:
        _create(posting, len(lines), elsewhere, comments)
    except GitHubError as error:
        if error.trouble is not Trouble.REFUSED or not lines or _moved(posting):
            raise
    else:
        return 0
    # One comment off GitHub's own diff loses the whole review: each for itself, then by its file.
    refused = [
        one.item
        for one, comment in zip(lines, comments, strict=True)
        if not _single(posting, comment) and not _on_file(posting, one.item)
    ]
    if not posting.comment_url and (refused or elsewhere):
        _create(posting, 0, [*elsewhere, *refused], [])
    return len(refused)


def _moved(posting: Posting) -> bool:
    """Whether the head is another one meanwhile: its diff is not the one that we know."""
    place = posting.place
    pull = ask.pull_request(posting.github, place.repository, place.number or 0)
    return isinstance(pull, PullRequest) and pull.head_sha != place.head_sha


def _on_lines(one: Placed) -> ReviewComment:
    body = words.line_comment(one.item, one.fix)
    comment: ReviewComment = {
        "path": one.item.path,
        "body": body,
        "line": one.spot.line,
        "side": "RIGHT",
    }
    if one.spot.start < one.spot.line:
        comment |= {"start_line": one.spot.start, "start_side": "RIGHT"}
    return comment


def _create(
    posting: Posting, told: int, elsewhere: Sequence[Judged], comments: Sequence[ReviewComment]
) -> None:
    place = posting.place
    body = words.review_body(told, elsewhere, posting.comment_url, forgeable=posting.forgeable)

    def tell(api: Github) -> None:
        api.get_repo(place.repository).get_pull(place.number or 0).create_review(
            commit=commit(api, place.repository, place.head_sha),
            body=body,
            event="COMMENT",
            comments=list(comments),
        )

    posting.github.write(tell)


def _on_file(posting: Posting, item: Judged) -> bool:
    """Post a comment on the whole file; False where GitHub does not take it."""
    body = words.file_comment(item)
    return _single(posting, {"path": item.path, "body": body, "subject_type": "file"})


def _single(posting: Posting, comment: Mapping[str, object]) -> bool:
    place = posting.place
    address = f"/repos/{place.repository}/pulls/{place.number}/comments"
    content = {**comment, "commit_id": place.head_sha}
    try:
        posting.github.write(
            lambda api: api.requester.requestJsonAndCheck("POST", address, input=content)
        )
    except GitHubError as error:
        if error.trouble is not Trouble.REFUSED:
            raise
        return False
    return True


def _listed_before(posting: Posting) -> frozenset[str]:
    """Fingerprints that the texts of earlier reviews list."""
    place = posting.place
    bodies = posting.github.read(
        lambda api: [
            review.body or ""
            for review in api.get_repo(place.repository).get_pull(place.number or 0).get_reviews()
        ]
    )
    ours = [body for body in bodies if body.startswith(markers.REVIEW)]
    return frozenset[str]().union(*(markers.findings_in(body) for body in ours))
