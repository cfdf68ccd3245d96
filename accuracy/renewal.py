"""Which cases are to be run again, and what is kept of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from accuracy.said import Answer, Said
from fixtures.labelled import Labelled

Shown = Callable[[Labelled], str]
"""The fingerprint of what a system gets to see of a case."""


def outdated(
    said: Said | None,
    version: str,
    cases: Iterable[Labelled],
    shown: Shown,
    again: Sequence[str] = (),
) -> tuple[Labelled, ...]:
    """The cases that this version of a system never saw as they are now.

    ``again`` are patterns (``backfills/*``) of ids that are run whatever is kept of them.
    """
    kept = said.answers if said is not None and said.version == version else {}
    return tuple(
        case
        for case in cases
        if case.id not in kept
        or kept[case.id].of != shown(case)
        or any(fnmatchcase(case.id, pattern) for pattern in again)
    )


def renewed(
    said: Said,
    cases: Sequence[Labelled],
    answers: Iterable[tuple[Labelled, Answer]],
) -> Iterator[Said]:
    """``said`` with one answer after the other in its place; nothing of cases that are gone."""
    known = {case.id for case in cases}
    now = {name: answer for name, answer in said.answers.items() if name in known}
    yield Said(said.system, said.version, now)
    for case, answer in answers:
        now = {**now, case.id: answer}
        yield Said(said.system, said.version, now)
