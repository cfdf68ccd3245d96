"""The labelled corpus through the whole review: nothing unseen, and the results that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from accuracy import own
from accuracy.said import load
from fixtures.labelled import Labelled, corpus
from fixtures.review import Reviewer

KEPT = load(own.NAME)


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.id)
def test_review_says_what_is_kept(case: Labelled, tmp_path: Path, reviewer: Reviewer) -> None:
    """A change of what is found is seen here first; ``make accuracy`` keeps the new results."""
    assert KEPT is not None, "run `make accuracy`"
    assert case.id in KEPT.answers, "run `make accuracy`"
    now = own.answer(own.review(reviewer, case, tmp_path / "repository"), case)
    kept = KEPT.answers[case.id]
    assert now.unread == kept.unread
    assert sorted(map(str, now.remarks)) == sorted(map(str, kept.remarks))
