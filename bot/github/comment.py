"""The one comment: found by its mark over all pages, updated in place, never doubled."""

from __future__ import annotations

from dataclasses import dataclass

from bot.github import markers
from bot.github.client import GitHub
from bot.github.faults import GitHubError, Trouble
from bot.github.records import Part, Place, State

PART = "comment"


@dataclass(frozen=True)
class _Ours:
    id: int
    body: str
    url: str


def put_comment(github: GitHub, place: Place, text: str, *, create: bool) -> Part:
    """Make the pull request's one comment say ``text``.

    It is written only if the text changed; further comments of ours are removed. Without
    ``create`` an existing one is brought up to date and none is begun.

    Raises:
        GitHubError: GitHub refused, or could not be reached.
    """
    body = f"{markers.COMMENT}\n{text}"
    known = _ours(github, place)
    if not known and not create:
        return Part(PART, State.SKIPPED, "there is nothing to say, and there was no comment")
    changed = False
    if not known:
        _create(github, place, body)
        changed = True
        # Another run may have done the same meanwhile: both see both now, and keep the older one.
        known = _ours(github, place)
        if not known:
            return Part(PART, State.FAILED, "the comment was deleted at once")
    first, *doubles = known
    if markers.settled(first.body) != markers.settled(body):
        try:
            _edit(github, place, first.id, body)
        except GitHubError as error:
            if error.trouble is not Trouble.GONE:
                raise
            # Deleted while we looked: begin again, once more at most for each comment there was.
            return put_comment(github, place, text, create=create)
        changed = True
    for double in doubles:
        _delete(github, place, double.id)
    done = "the comment was brought up to date" if changed else "the comment says so already"
    return Part(PART, State.DONE if changed else State.UNCHANGED, done, first.url)


def _ours(github: GitHub, place: Place) -> list[_Ours]:
    """Our comments on the pull request, oldest first."""
    number = place.number or 0
    marked = github.read(
        lambda api: [
            (_Ours(comment.id, comment.body, comment.html_url), comment.user)
            for comment in api.get_repo(place.repository).get_issue(number).get_comments()
            if (comment.body or "").startswith(markers.COMMENT)
        ]
    )
    if not marked:
        return []
    login = github.login()
    # Where GitHub does not say who we are, a person's comment is not ours to write in.
    found = [
        comment
        for comment, user in marked
        if user is not None and (user.login == login or (login is None and user.type == "Bot"))
    ]
    return sorted(found, key=lambda comment: comment.id)


def _create(github: GitHub, place: Place, body: str) -> None:
    number = place.number or 0
    github.write(lambda api: api.get_repo(place.repository).get_issue(number).create_comment(body))


def _edit(github: GitHub, place: Place, comment: int, body: str) -> None:
    address = f"/repos/{place.repository}/issues/comments/{comment}"
    github.write(
        lambda api: api.requester.requestJsonAndCheck("PATCH", address, input={"body": body})
    )


def _delete(github: GitHub, place: Place, comment: int) -> None:
    address = f"/repos/{place.repository}/issues/comments/{comment}"
    try:
        github.write(lambda api: api.requester.requestJsonAndCheck("DELETE", address))
    except GitHubError as error:
        if error.trouble is not Trouble.GONE:
            raise
