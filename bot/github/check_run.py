"""The check run: annotations beside the code, fifty at a time, where the token may write checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.github import markers, words
from bot.github.client import GitHub, commit
from bot.github.records import NAME, Part, Place, State
from bot.report.sections import headline
from bot.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from github import Github
    from github.CheckRun import CheckRun

PART = "check run"
BATCH = 50  # annotations that one request takes (GitHub REST: "Create a check run")
SUMMARY = 65_000  # bytes of its summary; GitHub takes 65,535 characters
CONCLUSIONS = {
    Outcome.PASS: "success",
    Outcome.SKIP: "success",
    Outcome.FAIL: "failure",
    Outcome.ERROR: "failure",
}


def put_check_run(github: GitHub, place: Place, verdict: Verdict) -> Part:
    """Make head's check run ``db-recheck`` tell the verdict, with an annotation per finding.

    An equal one is left alone, and none is begun where there is nothing to check. Annotations
    cannot be taken back, so that another verdict makes another check run; GitHub shows the newest.

    Raises:
        GitHubError: GitHub refused, or could not be reached.
    """
    annotations = [words.annotation(item) for item in verdict.counting]
    output: dict[str, object] = {
        "title": headline(verdict)[:255],
        "summary": f"{verdict.summary}."[:SUMMARY],
    }
    conclusion = CONCLUSIONS[verdict.verdict]
    name = markers.digest(repr((annotations, sorted(output.items()), conclusion)))
    there = github.read(lambda api: _there(api, place))
    if verdict.verdict is Outcome.SKIP and not there:
        return Part(PART, State.SKIPPED, "the job itself says that there is nothing to check")
    known = there.get(name)
    if known and known.annotations >= len(annotations):
        return Part(PART, State.UNCHANGED, "the check run says so already", known.url)
    if known:
        check, told, url = known.id, known.annotations, known.url
    else:
        first = {**output, "annotations": annotations[:BATCH]}
        check, url = github.write(lambda api: _create(api, place, name, conclusion, first))
        told = BATCH
    address = f"/repos/{place.repository}/check-runs/{check}"
    for at in range(told, len(annotations), BATCH):
        _append(github, address, {**output, "annotations": annotations[at : at + BATCH]})
    return Part(PART, State.DONE, f"{len(annotations)} annotations", url)


class _There(NamedTuple):
    """A check run as GitHub has it."""

    id: int
    annotations: int
    url: str


def _there(api: Github, place: Place) -> dict[str, _There]:
    """The head's check runs ``db-recheck`` by the digest that we gave them."""
    runs = commit(api, place.repository, place.head_sha).get_check_runs(
        check_name=NAME, filter="latest"
    )
    return {
        run.external_id: _There(run.id, run.output.annotations_count, run.html_url) for run in runs
    }


def _create(
    api: Github, place: Place, name: str, conclusion: str, output: dict[str, object]
) -> tuple[int, str]:
    run: CheckRun = api.get_repo(place.repository).create_check_run(
        name=NAME,
        head_sha=place.head_sha,
        details_url=place.run_url,
        external_id=name,
        status="completed",
        conclusion=conclusion,
        output=output,  # type: ignore[arg-type]  # PyGithub's type leaves out how nested it is
    )
    return run.id, run.html_url


def _append(github: GitHub, address: str, output: dict[str, object]) -> None:
    github.write(
        lambda api: api.requester.requestJsonAndCheck("PATCH", address, input={"output": output})
    )
