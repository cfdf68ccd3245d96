"""What costs seconds and is shared by all tests of one worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.verdict import Verdict
from fixtures.build import Case, build
from fixtures.review import Reviewer, pull_request_of

Reviewed = Callable[[Case], Verdict]


@pytest.fixture(scope="session")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    """Reviews one repository after the other on one server."""
    with Reviewer(tmp_path_factory.mktemp("reviewer")) as made:
        yield made


@pytest.fixture(scope="session")
def reviewed(reviewer: Reviewer, tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """The verdict on a miniature pull request with its own policy on, reviewed once."""
    known: dict[str, Verdict] = {}

    def verdict(case: Case) -> Verdict:
        if case.id not in known:
            folder = tmp_path_factory.mktemp(f"{case.policy}-{case.name}")
            known[case.id] = reviewer.review(
                build(case, folder),
                settings=case.settings,
                also=(case.policy.replace("_", "-"),),
                pull_request=pull_request_of(case.pull_request),
            )
        return known[case.id]

    return verdict
