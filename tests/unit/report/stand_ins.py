"""Policies that stand in for those of the catalogue: they find what the facts of cases hold."""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts import (
    Facts,
)
from bot.policy import Confidence, Finding, Policy, Remedy, Severity, policies
from bot.wording import block, code, several


def residue(facts: Facts) -> Iterator[Finding]:
    """A stand-in for the policy of that name: what stays behind after up and down."""
    for project in facts.projects:
        for revision in project.revisions:
            if not revision.round_trip.residue:
                continue
            names = tuple(item.label for item in revision.round_trip.residue)
            yield Finding(
                path=revision.path,
                line=revision.anchors.downgrade,
                title=f"The downgrade of {code(revision.revision)} leaves {several(names)} behind",
                message="After up and down the schema is not what it was:\n\n"
                + "\n".join(
                    f"- {code(item.label)}: {code(item.after or '')}"
                    for item in revision.round_trip.residue
                ),
                subject=" ".join(names),
                confidence=Confidence.OBSERVED,
                project=project.config,
                revision=revision.revision,
                tables=("public.users",),
                remedies=(
                    Remedy(
                        "Drop the type once its last column is gone",
                        block(
                            "def downgrade():\n"
                            '    op.drop_column("users", "mood")\n'
                            '    sa.Enum(name="mood").drop(op.get_bind())',
                            "python",
                        ),
                    ),
                    Remedy(
                        "Keep the type and say so",
                        "`# db-recheck: allow downgrade-residue: <why>` on this line.",
                        "the next upgrade must not create it again",
                    ),
                ),
            )


def failing(facts: Facts) -> Iterator[Finding]:
    """A stand-in for ``failing-upgrade``: every upgrade that raised."""
    for project in facts.projects:
        for revision in project.revisions:
            failure = revision.round_trip.upgrade.failure
            if failure is None:
                continue
            yield Finding(
                path=failure.path or revision.path,
                line=failure.line or revision.anchors.upgrade,
                title=f"{code(revision.revision)} does not go up",
                message=f"PostgreSQL refused it:\n\n{block(failure.message)}\n\nThe statement:\n\n"
                + block(failure.statement or "", "sql"),
                subject="upgrade",
                confidence=Confidence.OBSERVED,
                project=project.config,
                revision=revision.revision,
            )


def conflicting(facts: Facts) -> Iterator[Finding]:
    """A stand-in for ``merge-conflict``."""
    for path in facts.conflicts:
        yield Finding(
            path=path,
            line=1,
            title="The branch does not merge into base",
            message=f"Both changed {code(path)}. Head alone was checked.",
            subject=path,
            confidence=Confidence.CERTAIN,
            remedies=(Remedy("Merge the base branch and settle it", block("git merge main")),),
        )


def vague(facts: Facts) -> Iterator[Finding]:
    """A stand-in for a policy that finds little things: a note for each revision without a word."""
    for project in facts.projects:
        for revision in project.revisions:
            if revision.message in ("", "update"):
                yield Finding(
                    path=revision.path,
                    line=1,
                    title=f"{code(revision.revision)} does not say what it does",
                    message="Its first line is " + code(revision.message or "empty") + ".",
                    subject="message",
                    confidence=Confidence.CERTAIN,
                    project=project.config,
                    revision=revision.revision,
                    count=2,
                )


def forked(facts: Facts) -> Iterator[Finding]:
    """A stand-in for ``multiple-heads``."""
    for project in facts.projects:
        if len(project.head.heads) > 1:
            yield Finding(
                path=project.head.revisions[-1].path,
                line=9,
                title=f"The chain has {len(project.head.heads)} heads",
                message=f"{several(project.head.heads)} have no successor.",
                subject="heads",
                confidence=Confidence.CERTAIN,
                project=project.config,
            )


def _policy(name: str, group: str, severity: Severity, check: object) -> Policy:
    return Policy(
        id=name,
        group=group,
        severity=severity,
        pack="core",
        presets=(),
        seen="Something was seen.",
        why="It hurts because tables are locked.",
        instead="Do it in two steps.",
        references=("https://www.postgresql.org/docs/current/sql-altertable.html",),
        check=check,  # type: ignore[arg-type]  # the functions above
    )


POLICIES = (
    _policy("multiple-heads", "chain", Severity.BLOCK, forked),
    _policy("merge-conflict", "chain", Severity.BLOCK, conflicting),
    _policy("vague-message", "process", Severity.NOTE, vague),
    _policy("downgrade-residue", "reversibility", Severity.BLOCK, residue),
    _policy("failing-upgrade", "reversibility", Severity.BLOCK, failing),
    *(policy for policy in policies() if policy.group == "waivers"),
)
