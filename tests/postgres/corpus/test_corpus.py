"""The labelled corpus through the whole review: nothing unseen, and the results that are kept.

A third of the cases, always the same; all of them with ``CORPUS=all`` (``make test-corpus``), which
``make accuracy`` runs too when it keeps the results.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from accuracy import own
from accuracy.said import load
from fixtures.labelled import Labelled, corpus
from fixtures.review import Reviewer

KEPT = load(own.NAME)
ALL = os.environ.get("CORPUS") == "all"


def chosen(case: Labelled) -> bool:
    """Whether it belongs to the third that every run of the tests reviews."""
    return ALL or sha256(case.id.encode()).digest()[0] % 3 == 0


@pytest.mark.parametrize(
    "case", [case for case in corpus() if chosen(case)], ids=lambda case: case.id
)
def test_review_says_what_is_kept(case: Labelled, tmp_path: Path, reviewer: Reviewer) -> None:
    """A change of what is found is seen here first; ``make accuracy`` keeps the new results."""
    assert KEPT is not None, "run `make accuracy`"
    assert case.id in KEPT.answers, "run `make accuracy`"
    now = own.answer(own.review(reviewer, case, tmp_path / "repository"), case)
    kept = KEPT.answers[case.id]
    assert now.unread == kept.unread
    assert sorted(map(str, now.remarks)) == sorted(map(str, kept.remarks))


@pytest.mark.parametrize(
    "case", [case for case in corpus() if case.weighs], ids=lambda case: case.id
)
def test_finding_weighs_what_the_size_of_its_table_makes_it(
    case: Labelled, tmp_path: Path, reviewer: Reviewer
) -> None:
    """Small tables turn findings about locks into notes; others stay what they are."""
    verdict = own.review(reviewer, case, tmp_path / "repository")
    found = {item.policy: item.severity.value for item in verdict.findings}
    assert {policy: found.get(policy) for policy in case.weighs} == dict(case.weighs)
