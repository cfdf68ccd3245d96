"""Only what changed is run again."""

from __future__ import annotations

from dataclasses import replace

from accuracy.renewal import outdated, renewed
from accuracy.said import Answer, Said, fingerprint
from fixtures.labelled import corpus

CASES = corpus()[:4]
KEPT = Said("peer", "peer 1.0", {case.id: Answer(fingerprint(case)) for case in CASES})


def ids(said: Said | None, version: str = "peer 1.0", *again: str) -> list[str]:
    """The ids of what is run again."""
    return [case.id for case in outdated(said, version, CASES, fingerprint, again)]


def test_nothing_is_run_again_while_nothing_changes() -> None:
    """Every answer is of its case."""
    assert ids(KEPT) == []


def test_changed_and_new_cases_are_run() -> None:
    """And only they."""
    first, second = CASES[:2]
    answers = {**KEPT.answers, first.id: Answer("0")}
    del answers[second.id]
    assert ids(replace(KEPT, answers=answers)) == [first.id, second.id]


def test_all_are_run_with_another_version_or_without_results() -> None:
    """What an older version said is not what this one says."""
    everything = [case.id for case in CASES]
    assert ids(KEPT, "peer 1.1") == ids(None) == ids(KEPT, "peer 1.0", "*") == everything


def test_cases_are_run_again_by_name() -> None:
    """``--case``."""
    assert ids(KEPT, "peer 1.0", CASES[2].id) == [CASES[2].id]


def test_fingerprint_follows_what_is_shown_and_not_the_labels() -> None:
    """A corrected label needs no new run; a changed start or file does, and a changed question."""
    case = CASES[0]
    assert fingerprint(replace(case, labels=(), says="")) == fingerprint(case)
    seen = [
        fingerprint(case),
        fingerprint(replace(case, base={**case.base, "a": b"b"})),
        fingerprint(replace(case, files={**case.files, "a": b"b"})),
        fingerprint(case, ["timeout"]),
    ]
    assert len(set(seen)) == len(seen)


def test_answers_take_their_places_one_by_one_and_gone_cases_leave() -> None:
    """An interrupted run has lost nothing."""
    first, second = CASES[:2]
    start = Said("peer", "peer 1.0", {"gone/case": Answer("1"), first.id: Answer("2")})
    steps = list(renewed(start, CASES, [(first, Answer("3")), (second, Answer("4"))]))
    assert [{name: item.of for name, item in step.answers.items()} for step in steps] == [
        {first.id: "2"},
        {first.id: "3"},
        {first.id: "3", second.id: "4"},
    ]
