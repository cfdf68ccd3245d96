"""The Action on a pull request: the runner, the image, a service container and a GitHub of our own.

The double stands on the gateway of the job's network, where the container reaches it as it would
reach api.github.com.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Golden
from tests.container import engine
from tests.container.gateway import github
from tests.container.pull_request import TOKEN, PullRequest
from tests.container.runner import OWNER, Ended, Job, owners
from tests.container.texts import settled

if TYPE_CHECKING:
    from tests.github.double.server import Double
    from tests.github.double.state import World


@pytest.fixture
def request_of(tmp_path: Path) -> PullRequest:
    """The shop's pull request, checked out."""
    return PullRequest.make(tmp_path)


@pytest.fixture
def step(image: str, descriptions: Path, tmp_path: Path, request_of: PullRequest) -> Iterator[Job]:
    """A job of the runner on that checkout."""
    assert image
    assert descriptions.is_dir()
    folder = tmp_path / "runner"
    folder.mkdir()
    job = Job(folder, request_of.workspace)
    job.begin()
    yield job
    job.end()


def act(job: Job, image: str, request: PullRequest, double: Double, **inputs: str) -> Ended:
    """Run the Action as `uses:` does; nothing that is seen afterwards may hold the token."""
    named = {f"INPUT_{name.upper().replace('_', '-')}": text for name, text in inputs.items()}
    environ = {**request.environ(double.api_url), **named}
    ended = job.run(image, "action", environ=environ, event=request.event())
    for path in (*job.folder.rglob("*"), *(request.workspace / "db-recheck-report").rglob("*")):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()
    assert TOKEN not in ended.stdout + ended.stderr
    return ended


def told(world: World, double: Double) -> str:
    """Everything that stands on GitHub, without what differs from run to run."""
    from tests.github.told import told as everything

    return settled(everything(world, double.server_url))


def test_pull_request_is_reviewed(
    image: str, step: Job, request_of: PullRequest, golden: Golden
) -> None:
    """Comment, review, check, outputs, summary and log; and a second run changes none of it."""
    from tests.github.double.state import Rights

    url = step.start_service()
    with github(step) as double:
        request_of.stand_on(double.world, Rights())
        ended = act(step, image, request_of, double, database_url=url)
        assert ended.status == 1, ended.stdout + ended.stderr
        first = told(double.world, double)
        comments, reviews = len(double.world.comments), len(double.world.reviews)
        golden("github.md", first)
        golden("summary.md", settled(ended.summary))
        golden("log.txt", settled(ended.stdout))
        address = f"{double.server_url}/"
        lines = [f"{name}: {value}" for name, value in sorted(ended.outputs.items())]
        golden("outputs.txt", "\n".join(lines).replace(address, "https://github.example/") + "\n")
        assert owners(request_of.workspace) == {OWNER}

        again = act(step, image, request_of, double, database_url=url)
        assert again.status == 1
        assert (len(double.world.comments), len(double.world.reviews)) == (comments, reviews)
        assert {item.edits for item in double.world.comments.values()} == {0}
        assert {item.edits for item in double.world.line_comments.values()} <= {0}


def test_token_that_may_only_read_loses_nothing(
    image: str, step: Job, request_of: PullRequest
) -> None:
    """A fork's or Dependabot's run ends with the same status; log and summary carry everything."""
    from tests.github.double.state import Rights

    with github(step) as double:
        request_of.stand_on(double.world, Rights.read_only())
        ended = act(step, image, request_of, double)
        assert ended.status == 1, ended.stdout + ended.stderr
        assert double.world.comments == {}
        assert double.world.reviews == {}
    assert ended.outputs["verdict"] == "fail"
    assert ended.outputs["comment-url"] == ""
    assert ended.stdout.count("::error ") == 4
    assert "failing-downgrade" in ended.summary


def test_nothing_to_check_is_over_at_once(image: str, descriptions: Path, tmp_path: Path) -> None:
    """A pull request without migrations takes the whole step less than two seconds."""
    from tests.github.double.state import Rights

    assert descriptions.is_dir()
    request = PullRequest.make(tmp_path, touching="README.md")
    folder = tmp_path / "runner"
    folder.mkdir()
    job = Job(folder, request.workspace)
    job.begin()
    try:
        with github(job) as double:
            request.stand_on(double.world, Rights())
            took = []
            for _ in range(3):  # other tests run beside this one
                ended = act(job, image, request, double)
                assert (ended.status, ended.outputs["verdict"]) == (0, "skip"), ended.stderr
                took.append(ended.seconds)
    finally:
        job.end()
    assert min(took) < engine.moment(image)
