"""What GitHub says of the pull request, added to the facts by the half that holds the token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.facts import Facts, NotChecked, OtherPullRequest, OtherRevision, PullRequest
from bot.github import GitHub, NotKnown
from bot.github.about import about
from bot.github.neighbours import Neighbour, neighbours
from bot.projects.revision_source import read_revision


def with_pull_request(
    github: GitHub, repository: str, parts: Sequence[Facts], number: int | None
) -> tuple[Facts, ...]:
    """The facts with the pull request as GitHub has it now, whatever they said of it before.

    Without a token, as on the command line, there is none to tell of.
    """
    told: PullRequest | None = None
    unseen: tuple[NotChecked, ...] = ()
    something = any(part.nothing is None for part in parts)
    if number is not None and something and github.has_token:
        told, unseen = _asked(github, repository, number, _folders(parts))
    return tuple(
        replace(part, pull_request=told, not_checked=(*part.not_checked, *unseen)) for part in parts
    )


def _asked(
    github: GitHub, repository: str, number: int, folders: tuple[str, ...]
) -> tuple[PullRequest | None, tuple[NotChecked, ...]]:
    pull = about(github, repository, number)
    if isinstance(pull, NotKnown):
        return None, (_unknown("what the pull request says (its text, its issues)", pull.why),)

    def wanted(path: str) -> bool:
        return path.endswith(".py") and path.startswith(folders)

    found = neighbours(github, repository, number, pull.base_branch, wanted)
    if isinstance(found, NotKnown):
        return pull, (_unknown("other open pull requests that add revisions", found.why),)
    return replace(pull, others=tuple(map(_other, found))), ()


def _folders(parts: Sequence[Facts]) -> tuple[str, ...]:
    """Where revision files lie, as beginnings of paths."""
    found = (
        folder
        for part in parts
        for project in part.projects
        for folder in (project.script_location, *project.version_locations)
    )
    return tuple(folder.rstrip("/") + "/" for folder in found if folder)


def _other(neighbour: Neighbour) -> OtherPullRequest:
    revisions = tuple(_revision(path, text) for path, text in neighbour.texts)
    return OtherPullRequest(neighbour.number, neighbour.title, neighbour.branch, revisions)


def _revision(path: str, text: str | None) -> OtherRevision:
    """What the file says, read from its syntax tree: nothing of it is run."""
    source = read_revision(text or "")
    if source.revision is None or "down_revision" in source.computed:
        return OtherRevision(path, source.revision)
    return OtherRevision(path, source.revision, source.down_revision)


def _unknown(what: str, why: str) -> NotChecked:
    return NotChecked(
        what=what,
        why=why,
        do="Run the check again, with a token that may read pull requests and issues.",
    )
