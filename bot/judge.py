"""Policies x facts - waivers = verdict. Pure: the same facts and settings give the same verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from bot.alike import gathered
from bot.explain.python.redaction import without_secrets
from bot.facts import Facts, NotChecked, Project, Size
from bot.once import once
from bot.policy import Finding, Options, Policy, Severity, Unjudged
from bot.policy import policies as all_policies
from bot.small_tables import weighed
from bot.summary import summarise
from bot.verdict import Judged, Judging, Outcome, Verdict, Waived
from bot.waivers import Waivers, read_waivers, settle

PRESETS = ("contract-first", "sqlmodel-isolated", "team-standard", "async-sqlalchemy", "platform")
"""Names of the presets; a policy's ``PRESETS`` counts them from 1."""

ALWAYS = frozenset({"core", "own"})
"""Packs that are always on: the catalogue's core, and what a team wrote itself."""

EXIT = {Outcome.PASS: 0, Outcome.SKIP: 0, Outcome.FAIL: 1, Outcome.ERROR: 3}


@dataclass(frozen=True)
class _Said:
    """A finding, the policy it comes from, and its name across runs."""

    policy: Policy
    finding: Finding
    fingerprint: str


def judge(facts: Facts, judging: Judging, policies: Sequence[Policy] | None = None) -> Verdict:
    """The verdict on the facts.

    Every policy that the settings switch on runs (``policies``: all of ``bot.policies`` unless
    given). One that raises becomes a fatal ``not_checked`` entry; what it had already found stays.
    The verdict's facts are without secrets, so that no report shows one.
    """
    known = (*(all_policies() if policies is None else policies), *judging.own)
    raw, facts = facts, without_secrets(facts)
    running = [policy for policy in known if is_on(policy, judging)]
    said, broken = _run_all(
        running, lambda policy: policy.look(raw if policy.sees_secrets else facts, judging.options)
    )
    waivers = _settled(facts, known, running, said, broken)
    about, failed = _run_all(
        running, lambda policy: policy.check_waivers and policy.check_waivers(waivers)
    )
    crashed = broken + failed
    sizes = {size.table: size for size in facts.sizes}
    old = _at_base(facts, known, running, judging.options)
    judged = [
        _judged(item, judging, waivers, sizes, item.fingerprint not in old) for item in said + about
    ]
    told = tuple(once(judged, {policy.id: policy.told_by for policy in running}))
    texts = {source.path: source.head for source in facts.sources if source.head is not None}
    findings = tuple(
        sorted(
            gathered(told, texts),
            key=lambda item: (-item.severity.rank, item.path, item.line, item.policy),
        )
    )
    not_checked = facts.not_checked + tuple(entry for _, entry in crashed)
    verdict = Verdict(
        verdict=_outcome(facts, judging, findings, not_checked),
        summary="",
        findings=findings,
        not_checked=not_checked,
        facts=facts,
        ran=tuple(policy.id for policy in running if policy not in {bad for bad, _ in crashed}),
        fail_on=judging.fail_on,
        report_parts=judging.report_parts,
        own=judging.own,
    )
    return replace(verdict, summary=summarise(verdict))


def exit_status(verdict: Verdict) -> int:
    """0 pass or skip, 1 fail, 3 error (contract: "Exit status"; 2 is for usage errors)."""
    return EXIT[verdict.verdict]


def is_on(policy: Policy, judging: Judging) -> bool:
    """Whether the settings switch the policy on; a severity of the user's own does so too."""
    if policy.id in judging.severities:
        return judging.severities[policy.id] is not None
    in_preset = judging.preset in PRESETS and PRESETS.index(judging.preset) + 1 in policy.presets
    return policy.pack in ALWAYS or policy.pack in judging.packs or in_preset


def as_base(facts: Facts) -> Facts:
    """The facts as if base were checked against itself: its graphs and texts, nothing changed."""
    return replace(
        facts,
        head=facts.base,
        merge=None,
        conflicts=(),
        projects=tuple(_project_at_base(project) for project in facts.projects),
        files=(),
        sources=tuple(replace(source, head=source.base) for source in facts.sources),
        configuration=(),
        not_checked=(),
    )


def _project_at_base(project: Project) -> Project:
    return replace(
        project,
        head=project.base,
        base_added=(),
        revisions=(),
        whole=None,
        fresh=None,
        checks=(),
    )


def _at_base(
    facts: Facts, known: Sequence[Policy], running: Sequence[Policy], options: Options
) -> frozenset[str]:
    """Fingerprints of what base has already: its graph's faults, its malformed waivers."""
    base = as_base(facts)
    graph = [policy for policy in running if policy.group == "chain"]
    said, _ = _run_all(graph, lambda policy: policy.look(base, options))
    nothing_ran = _settled(base, known, (), (), ())
    about, _ = _run_all(
        running, lambda policy: policy.check_waivers and policy.check_waivers(nothing_ran)
    )
    return frozenset(item.fingerprint for item in said + about)


def _run_all(
    policies: Iterable[Policy], call: Callable[[Policy], Iterator[Finding] | None]
) -> tuple[list[_Said], list[tuple[Policy, NotChecked]]]:
    """What the policies say, and those that raised. A policy's bug costs its own findings alone."""
    said: list[_Said] = []
    broken: list[tuple[Policy, NotChecked]] = []
    seen: Counter[str] = Counter()
    for policy in policies:
        found: list[Finding] = []
        try:
            found.extend(call(policy) or ())
        except Exception as error:  # noqa: BLE001 - whatever a policy raises, the rest is judged
            broken.append((policy, _crash(policy, error)))
        for finding in sorted(found, key=lambda item: (item.path, item.line)):
            name = fingerprint(policy.id, finding)
            seen[name] += 1
            ordinal = f"-{seen[name]}" if seen[name] > 1 else ""
            said.append(_Said(policy, finding, name + ordinal))
    return said, broken


def fingerprint(policy: str, finding: Finding) -> str:
    """16 hexadecimal digits that stay the same while lines move and files are renamed."""
    parts = (policy, finding.project or "", finding.revision or "", finding.subject)
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _crash(policy: Policy, error: Exception) -> NotChecked:
    if isinstance(error, Unjudged):
        return NotChecked(f"policy {policy.id}", error.why, error.do, fatal=True)
    return NotChecked(
        what=f"policy {policy.id}",
        why=f"it raised {type(error).__name__}, which is a fault of db-recheck",
        do=f"report it with the file that --facts writes; until then set {policy.id} to off",
        fatal=True,
    )


def _settled(
    facts: Facts,
    known: Sequence[Policy],
    running: Sequence[Policy],
    said: Sequence[_Said],
    broken: Sequence[tuple[Policy, NotChecked]],
) -> Waivers:
    """The head's waivers with their states, given what was found."""
    waivers = read_waivers(facts.sources)
    ids = {policy.id for policy in known}
    candidates = settle(waivers, ids, (), ())
    covering = (
        candidates.covering(item.policy.id, item.finding.path, item.finding.line) for item in said
    )
    used = {(waiver.path, waiver.line, waiver.policy) for waiver in covering if waiver}
    looked = {policy.id for policy in running if policy.check} - {bad.id for bad, _ in broken}
    blind = _unseen_paths(facts)
    unseen = {
        (waiver.policy, waiver.path)
        for waiver in waivers
        if waiver.policy not in looked or waiver.path in blind
    }
    return settle(waivers, ids, unseen, used)


def _unseen_paths(facts: Facts) -> frozenset[str]:
    """Files of the change that were not seen whole: a waiver in them may be needed after all."""
    paths = {source.path for source in facts.sources}
    by_project = {project.config: _folders(project) for project in facts.projects}
    everywhere = facts.nothing is not None or any(
        entry.project not in by_project for entry in facts.not_checked
    )
    if everywhere:
        return frozenset(paths)
    blind = {
        revision.path
        for project in facts.projects
        for revision in project.revisions
        if revision.same_code
    }
    in_revisions = tuple(folder for folders in by_project.values() for folder in folders)
    for entry in facts.not_checked:
        own = by_project[entry.project or ""]
        # A model file belongs to no folder that is known here: any project may be the one.
        blind |= {
            path for path in paths if path.startswith(own) or not path.startswith(in_revisions)
        }
    return frozenset(blind)


def _folders(project: Project) -> tuple[str, ...]:
    return tuple(
        folder.rstrip("/") + "/"
        for folder in (project.script_location, *project.version_locations)
        if folder
    )


def _judged(
    item: _Said,
    judging: Judging,
    waivers: Waivers,
    sizes: Mapping[str, Size],
    introduced: bool,  # noqa: FBT001 - private, one caller
) -> Judged:
    finding = item.finding
    if item.policy.by_size:
        finding = weighed(finding, sizes, judging.options.small_table_rows)
    waiver = waivers.covering(item.policy.id, finding.path, finding.line)
    return Judged(
        policy=item.policy.id,
        group=item.policy.group,
        severity=_severity(item.policy, finding, judging),
        confidence=finding.confidence,
        title=finding.title,
        message=finding.message,
        path=finding.path,
        line=max(1, finding.line),
        end_line=max(1, finding.line, finding.end_line or 0),
        project=finding.project,
        revision=finding.revision,
        tables=finding.tables,
        count=finding.count,
        column=finding.column,
        introduced=introduced,
        waived=Waived(waiver.reason, waiver.path, waiver.line) if waiver else None,
        remedies=finding.remedies,
        fingerprint=item.fingerprint,
    )


def _severity(policy: Policy, finding: Finding, judging: Judging) -> Severity:
    """The user's word for the policy; a case that the policy itself weighs less stays lighter."""
    own = finding.severity or policy.severity
    users = judging.severities.get(policy.id)
    return (
        min(users, own, key=lambda item: item.rank) if users and finding.severity else users or own
    )


def _outcome(
    facts: Facts,
    judging: Judging,
    findings: Sequence[Judged],
    not_checked: Sequence[NotChecked],
) -> Outcome:
    gate = judging.fail_on
    if gate and any(item.counts and item.severity.rank >= gate.rank for item in findings):
        return Outcome.FAIL
    if any(entry.fatal or judging.strict for entry in not_checked):
        return Outcome.ERROR
    return Outcome.SKIP if facts.nothing is not None else Outcome.PASS
