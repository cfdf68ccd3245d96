"""What a run means for the facts: what failed, what the clock or env.py kept from being seen."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import ChangedRevision, Failure, FailureKind, Project, State, Step
from bot.observe import unseen as words
from bot.observe.answers import Opened
from bot.observe.round_trip import Travelled
from bot.observe.unseen import Unseen
from bot.projects import Environment

_NEVER_RAN = "NeverRan"  # the probe's own: env.py ended well and ran no migration
_PACKAGES = ("ImportError", "ModuleNotFoundError")  # about this machine, not about env.py


def as_found(environment: Environment) -> Project:
    """A project of which nothing but its files' own description is known yet."""
    return Project(
        config=environment.config,
        script_location=environment.script_location,
        section=environment.section,
        version_locations=environment.version_locations,
    )


def with_trip(
    item: ChangedRevision, found: Travelled, unseen: Unseen, seconds: float
) -> ChangedRevision:
    """The revision with its round trip, if it had one; what was not seen of it goes to ``unseen``.

    ``seconds`` is how long the whole run was allowed to take.
    """
    if item.revision in found.unseen:
        unseen.revision(item, found.unseen[item.revision], words.MEND_EARLIER)
    trip = found.trips.get(item.revision)
    if trip is None:
        return item

    def in_time(name: str, step: Step) -> Step:
        # A step that the clock stopped was not seen; it did not fail.
        if step.failure is None or step.failure.kind is not FailureKind.TIMEOUT:
            return step
        at = f", at `{step.failure.statement}`" if step.failure.statement else ""
        unseen.fatal(
            f"the {name} of {item.revision} ({item.path})",
            f"it had not ended when the {seconds:.0f} s of the whole run were over{at}",
            words.MORE_TIME,
        )
        return replace(step, state=State.SKIPPED)

    return replace(
        item,
        round_trip=replace(
            trip,
            upgrade=in_time("upgrade", trip.upgrade),
            downgrade=in_time("downgrade", trip.downgrade),
            reupgrade=in_time("second upgrade", trip.reupgrade),
        ),
    )


def broken_environment(
    opened: Opened, before: str | None, env_py: str, unseen: Unseen
) -> Failure | None:
    """What env.py raised in the merged tree and not on base: the change did that.

    ``opened`` is the merged tree's, ``before`` which environment served on base (None: base has
    none). Where env.py itself stops on base as well, nothing that it decides was seen, and
    ``unseen`` says so. Where only what it imports does (a setting that nobody could guess, a
    package), the built-in environment serves, and the project's note says why; nor does anybody
    know what it would do with a package that something stood in for.
    """
    failure = opened.environment_failure
    if failure is not None and failure.exception == _NEVER_RAN:
        failure = replace(failure, path=env_py, line=1)  # no line of it raised anything
    if failure is None or failure.path is None or before is None:
        return None
    if opened.stand_ins and failure.exception not in _PACKAGES:
        return None
    if before == "project":
        return failure
    if failure.path == env_py and opened.own_fault and failure.exception not in _PACKAGES:
        unseen.fatal(
            f"the project's own environment ({env_py})",
            f"it stops at {failure.path}:{failure.line}, on base too: {failure.message};"
            " the revisions ran under the bot's built-in environment instead",
            words.MEND_ENVIRONMENT,
        )
    return None


def note(*parts: str | None) -> str | None:
    """Why the environment is not the project's own, and what is otherwise than declared."""
    return "; ".join(part.rstrip(".; ") for part in parts if part) or None
