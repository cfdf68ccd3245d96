"""Other open pull requests that add revision files, with the texts of these files.

Two questions whatever the number of pull requests is; neither is asked twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.github.client import GitHub
from bot.github.faults import GitHubError
from bot.github.records import NotKnown

FILES = 40  # texts that are fetched, for all of the 20 pull requests that were updated last
LIMIT = 262_144  # characters of one

LIST = """
query OtherPullRequests($owner: String!, $name: String!, $base: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(
      first: 20, states: OPEN, baseRefName: $base
      orderBy: {field: UPDATED_AT, direction: DESC}
    ) {
      nodes {
        number
        title
        headRefName
        headRefOid
        files(first: 100) { nodes { path changeType } }
      }
    }
  }
}
"""


@dataclass(frozen=True)
class Neighbour:
    """Another open pull request; ``texts`` are the files that it adds, None where not to be had."""

    number: int
    title: str
    branch: str
    texts: tuple[tuple[str, str | None], ...]


def neighbours(
    github: GitHub, repository: str, number: int, base: str, wanted: Callable[[str], bool]
) -> tuple[Neighbour, ...] | NotKnown:
    """The open pull requests to the branch ``base``, but for ``number``, that add wanted files."""
    owner, _, name = repository.partition("/")
    place = {"owner": owner, "name": name}
    try:
        data = github.query(LIST, **place, base=base, patient=False)
        found = {
            node["number"]: (node, paths)
            for node in data["repository"]["pullRequests"]["nodes"] or ()
            if node and node["number"] != number and (paths := _added(node, wanted))
        }
        files = [(node, path) for node, paths in found.values() for path in paths][:FILES]
        names = {f"f{at}": f"{node['headRefOid']}:{path}" for at, (node, path) in enumerate(files)}
        data = github.query(_texts(names), **place, **names, patient=False) if names else {}
    except GitHubError as error:
        return NotKnown(str(error))
    texts = {names[alias]: _text(data["repository"][alias]) for alias in names}
    return tuple(
        Neighbour(
            number=node["number"],
            title=node["title"],
            branch=node["headRefName"],
            texts=tuple((path, texts.get(f"{node['headRefOid']}:{path}")) for path in paths),
        )
        for node, paths in found.values()
    )


def _added(node: Any, wanted: Callable[[str], bool]) -> list[str]:
    files = (node["files"] or {}).get("nodes") or ()
    return [
        file["path"]
        for file in files
        if file and file["changeType"] == "ADDED" and wanted(file["path"])
    ]


def _texts(names: dict[str, str]) -> str:
    """One query for all texts: GraphQL has no list of objects, so each has a name of its own."""
    variables = "".join(f", ${alias}: String!" for alias in names)
    fields = "\n    ".join(
        f"{alias}: object(expression: ${alias}) {{ ... on Blob {{ text isTruncated }} }}"
        for alias in names
    )
    return (
        f"query RevisionTexts($owner: String!, $name: String!{variables}) {{\n"
        f"  repository(owner: $owner, name: $name) {{\n    {fields}\n  }}\n}}"
    )


def _text(blob: Any) -> str | None:
    if not blob or blob.get("isTruncated") or len(blob.get("text") or "") > LIMIT:
        return None
    text: str | None = blob.get("text")
    return text
