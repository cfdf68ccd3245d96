"""What is thought of the facts: settings of the judge, judged findings and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.facts import Facts, NotChecked
from bot.policy import DEFAULTS, Confidence, Options, Policy, Remedy, Severity


class Outcome(Enum):
    """The four words of a verdict (contract: "Exit status")."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


@dataclass(frozen=True)
class Judging:
    """The settings that judging needs.

    Policies of ``core`` always run; those of a pack when it is in ``packs``; those of a preset when
    ``preset`` names it. ``severities`` holds what the user's table says about a policy id: a
    severity (which also switches a policy of another pack on) or None for ``off``. ``fail_on`` is
    the least severity that fails the check, None for ``never``. ``strict`` makes every
    ``not_checked`` entry an error. ``report_parts`` are the names of parts that the report has
    besides the verdict. ``options`` are those of the policies themselves. ``own`` are the team's
    own policies, which run unless they are ``off``.
    """

    packs: tuple[str, ...] = ()
    preset: str | None = None
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    fail_on: Severity | None = Severity.BLOCK
    strict: bool = False
    report_parts: tuple[str, ...] = ()
    options: Options = DEFAULTS
    own: tuple[Policy, ...] = ()


@dataclass(frozen=True)
class Waived:
    """The waiver that covers a finding: its reason and where it stands."""

    reason: str
    path: str
    line: int


@dataclass(frozen=True)
class Judged:
    """One finding with all that judging adds to it.

    ``introduced`` is false when base has the same finding; such a one never fails the check, and
    neither does one that is ``waived``. ``fingerprint`` names the finding across runs: it depends
    on the policy, the project, the revision and the subject, never on lines.
    """

    policy: str
    group: str
    severity: Severity
    confidence: Confidence
    title: str
    message: str
    path: str
    line: int
    end_line: int
    project: str | None
    revision: str | None
    tables: tuple[str, ...]
    count: int
    column: str | None
    introduced: bool
    waived: Waived | None
    remedies: tuple[Remedy, ...]
    fingerprint: str

    @property
    def thing(self) -> str:
        """The fingerprint without the number that tells findings with one subject apart."""
        return self.fingerprint.partition("-")[0]

    @property
    def counts(self) -> bool:
        """Whether it belongs to this change and nobody waived it."""
        return self.introduced and self.waived is None


@dataclass(frozen=True)
class Verdict:
    """The whole answer: what every report is rendered from.

    ``findings`` are sorted: the most severe first, then by path and line. ``ran`` holds the ids of
    the policies that looked at the facts and came to an end, ``own`` those of the team's own.
    ``summary`` is one sentence of plain Markdown (names in code spans). ``report_parts`` are those
    that the report is to have besides.
    """

    verdict: Outcome
    summary: str
    findings: tuple[Judged, ...]
    not_checked: tuple[NotChecked, ...]
    facts: Facts
    ran: tuple[str, ...] = ()
    fail_on: Severity | None = Severity.BLOCK
    report_parts: tuple[str, ...] = ()
    own: tuple[Policy, ...] = ()

    @property
    def counting(self) -> tuple[Judged, ...]:
        """Findings that this change introduces and nobody waived."""
        return tuple(item for item in self.findings if item.counts)

    @property
    def waived(self) -> tuple[Judged, ...]:
        """Findings that a waiver covers."""
        return tuple(item for item in self.findings if item.waived)

    @property
    def existing(self) -> tuple[Judged, ...]:
        """Findings that base has too and nobody waived."""
        return tuple(item for item in self.findings if not item.introduced and not item.waived)
