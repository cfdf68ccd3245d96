"""Remarks against labels: what was found and where, what was missed, what was made up. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from accuracy.said import Remark, Said
from fixtures.labelled import Label, Labelled

Meaning = Mapping[str, Sequence[str]]
"""For each rule of a system the policies that it may stand for; the first one is what it says."""


@dataclass(frozen=True)
class Hit:
    """A label that was found. ``right_line`` is None where the label's line is not judged."""

    label: Label
    right_line: bool | None


@dataclass(frozen=True)
class Tally:
    """What came of one system on one case, or on many."""

    hits: tuple[Hit, ...] = ()
    missed: tuple[Label, ...] = ()
    false: tuple[tuple[str, Remark], ...] = ()  # the policy that the remark stands for

    def of(self, policies: Collection[str]) -> Tally:
        """The part that concerns these policies."""
        return Tally(
            tuple(hit for hit in self.hits if hit.label.policy in policies),
            tuple(label for label in self.missed if label.policy in policies),
            tuple(item for item in self.false if item[0] in policies),
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.missed + other.missed, self.false + other.false)

    @property
    def precision(self) -> float | None:
        """The share of findings that are right, None without findings."""
        return _share(len(self.hits), len(self.hits) + len(self.false))

    @property
    def recall(self) -> float | None:
        """The share of labels that were found, None without labels."""
        return _share(len(self.hits), len(self.hits) + len(self.missed))

    @property
    def right_lines(self) -> float | None:
        """The share of found labels with a judged line that were found on it."""
        judged = [hit.right_line for hit in self.hits if hit.right_line is not None]
        return _share(sum(judged), len(judged))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def score(
    said: Said,
    meaning: Meaning,
    cases: Iterable[Labelled],
    judged_in: Callable[[str], Collection[str]],
) -> dict[str, Tally]:
    """A tally for each case that the system could analyse.

    Nothing is judged but the policies that ``judged_in`` names for the case's family.
    """
    remarks = said.remarks
    return {
        case.id: tally(case.labels, remarks[case.id], meaning, judged_in(case.family))
        for case in cases
        if case.id in remarks
    }


def tally(
    labels: Sequence[Label],
    remarks: Iterable[Remark],
    meaning: Meaning,
    policies: Collection[str],
) -> Tally:
    """One case. A second remark for a label that is settled is false, if it names a line.

    A program that reads rendered SQL sees a loop as so many statements, of which it cannot know
    that they are one.

    A rule that stands for several policies settles all of them that are labelled at its place: one
    remark about a type change has found the rewrite and the values that may not fit.
    """
    match = _Match([label for label in labels if label.policy in policies])
    left = list(_meant(remarks, meaning, policies))
    for settle in (match.on_line, match.tolerated, match.elsewhere, match.again):
        left = [item for item in left if not settle(*item)]
    false = tuple((ids[0], remark) for ids, remark in left)
    return Tally(tuple(match.hits), tuple(match.open), false)


def _meant(
    remarks: Iterable[Remark], meaning: Meaning, policies: Collection[str]
) -> Iterator[tuple[tuple[str, ...], Remark]]:
    """Each finding with the judged policies that it may stand for.

    Two rules that speak of one place and may mean the same thing are one finding.
    """
    found: list[tuple[tuple[str, ...], Remark, set[str]]] = []
    for remark in remarks:
        ids = tuple(policy for policy in meaning.get(remark.rule, ()) if policy in policies)
        for index, (others, first, rules) in enumerate(found):
            same = first.place == remark.place and remark.rule not in rules
            if same and set(others) & set(ids):
                merged = tuple(dict.fromkeys(others + ids))
                found[index] = (merged, first, rules | {remark.rule})
                break
        else:
            if ids:
                found.append((ids, remark, {remark.rule}))
    for ids, remark, _ in found:
        yield ids, remark


@dataclass
class _Match:
    """Labels that are still open, those that were settled, and those that count neither way."""

    labels: Sequence[Label]
    open: list[Label] = field(init=False)
    hits: list[Hit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open = [label for label in self.labels if label.expected]

    def on_line(self, ids: Sequence[str], remark: Remark) -> bool:
        """An expected label on this line, or one whose line is not judged."""
        for label in self.open:
            same = label.path == remark.path and label.line == remark.line
            if label.policy in ids and (same or not label.line):
                return self._settle(ids, label, right_line=True if label.line else None)
        return False

    def tolerated(self, ids: Sequence[str], remark: Remark) -> bool:
        """A label that may be found here: another place of an expected one, or neither way."""
        for label in self.labels:
            here = not label.line or not remark.line or label.line == remark.line
            if label.expected or label.policy not in ids or not here:
                continue
            for wanted in self.open:
                if wanted.policy == label.policy and remark.line:
                    return self._settle(ids, wanted, right_line=True)
            if remark.line or not any(item.policy in ids for item in self.open):
                return True
        return False

    def elsewhere(self, ids: Sequence[str], _: Remark) -> bool:
        """An expected label of the case, on the wrong line or found without one."""
        for label in self.open:
            if label.policy in ids:
                return self._settle(ids, label, right_line=False if label.line else None)
        return False

    def again(self, ids: Sequence[str], remark: Remark) -> bool:
        """Without a line: a label of that file that was found already, by a loop perhaps."""
        return not remark.line and any(
            hit.label.policy in ids and hit.label.path == remark.path for hit in self.hits
        )

    def _settle(self, ids: Sequence[str], label: Label, *, right_line: bool | None) -> bool:
        place = (label.path, label.line)
        found = [label] + [
            other
            for other in self.open
            if other.policy in ids
            and other.policy != label.policy
            and label.line
            and (other.path, other.line) == place
        ]
        for item in found:
            self.open.remove(item)
        self.hits += [Hit(item, right_line) for item in found]
        return True


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    found = Tally()
    for item in tallies:
        found += item
    return found
