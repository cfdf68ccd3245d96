"""A verdict told: in files, outputs, on the pull request, on the run's page and in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.action.job import Job
from bot.action.outputs import SUMMARY_LIMIT, shown
from bot.event import Review
from bot.facts.serial import to_json
from bot.github import Published
from bot.judge import exit_status
from bot.report import Display, Format, render
from bot.verdict import Verdict
from bot.wording import inert

if TYPE_CHECKING:
    from bot.github.publish import When

REST = "the JSON report (output `report-json`) holds all of it"


def conclude(job: Job, verdict: Verdict, comment: str, event: Review) -> int:
    """Tell the verdict; the exit status is the gate. ``comment`` is the setting."""
    write_files(job, verdict)
    published = publish(job, verdict, comment, event) if _can_speak(job, event) else None
    return tell_runner(job, verdict, published)


def write_files(job: Job, verdict: Verdict) -> None:
    """The JSON report and the facts, and the outputs that name them."""
    report = render(Format.JSON, verdict).encode("utf-8", "replace")
    job.outputs.set("report-json", job.workspace.write("report.json", report))
    job.outputs.set("facts", job.workspace.write("facts.json", to_json(verdict.facts)))
    job.outputs.set("verdict", verdict.verdict.value)
    job.outputs.set("findings", str(len(verdict.counting)))


def _can_speak(job: Job, event: Review) -> bool:
    return bool(job.inputs.token) and (event.number is not None or not event.attached)


def publish(job: Job, verdict: Verdict, comment: str, event: Review) -> Published:
    """Say it on GitHub; what cannot be said there is in the log and the summary."""
    from bot.github.publish import publish as publish_on

    published = publish_on(
        job.github,
        job.place(verdict.facts.head, event.number),
        verdict,
        comment=cast("When", comment),
        attach_status=not event.attached,
        forgeable=event.fork and not event.attached,
    )
    for part in published.parts:
        if not part.well and part.detail:
            job.say(f"{part.name}: {part.detail}")
    job.outputs.set("comment-url", published.comment_url or "")
    return published


def tell_runner(job: Job, verdict: Verdict, published: Published | None) -> int:
    """The summary, the annotations and the log; returns the exit status."""
    page = Display(limit=SUMMARY_LIMIT, rest=REST)
    job.outputs.summarise(render(Format.MARKDOWN, verdict, page))
    job.say(inert(render(Format.TEXT, verdict, Display(rest=REST))))
    if published is None or not published.annotated:
        annotations, dropped = shown(render(Format.GITHUB, verdict))
        job.stdout.write(annotations)
        if dropped:
            job.say(f"{dropped} more annotations do not fit on the page; the job summary has them.")
    return exit_status(verdict)
