"""The repository keeps a record of every change, and this change added none.

A record with gaps is not looked at: whoever misses one entry cannot tell whether nothing happened
or nobody wrote it down.

Add the record of this change beside the others.

Reference: https://keepachangelog.com/en/1.1.0/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.paths import matches
from bot.explain.history.told import first_added, of_revision
from bot.facts import Change, Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PACK = "process"
PRESETS = (2,)
OPTIONS = {"record-paths": "patterns of the files of which each change adds one"}

PATHS = ("history/prompts/", "changelog.d/", "newsfragments/", ".changeset/")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for the change."""
    patterns, place = options.of("missing-change-record", "record-paths", PATHS), first_added(facts)
    kept = [
        path for path in facts.kept.documents if matches(path, patterns) and not _is_about(path)
    ]
    new = any(file.change is Change.ADDED and matches(file.path, patterns) for file in facts.files)
    if place is None or not kept or new:
        return
    folder = kept[-1].rpartition("/")[0]
    yield of_revision(
        *place,
        title=f"No record of this change in {code(folder)}",
        message=f"{code(kept[-1])} and others are there, one for each change; this one adds none.",
        about="record",
        remedies=(Remedy("Add it", f"A file in {code(folder)}, built like {code(kept[-1])}."),),
    )


def _is_about(path: str) -> bool:
    """Not a record but a word on the folder."""
    return path.rpartition("/")[2].lower().startswith(("readme", "index", "template"))
