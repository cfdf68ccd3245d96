"""The repository keeps a specification of its schema, and the change did not name it.

What the specification says and what the tables are drift apart one revision at a time. Naming the
part that is carried out makes the author open it, and the reviewer compare.

Name the file, and its section, in the docstring or the pull request.

Reference: https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.paths import matches
from bot.explain.history.told import first_added, of_revision, texts
from bot.facts import Change, Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (2, 4)
OPTIONS = {"spec-paths": "patterns of the files that specify the schema"}

PATHS = ("specs/**database**", "specs/**schema**", "specs/**data-model**", "docs/**data-model**")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for the change; none where it brings a specification along."""
    patterns, place = options.of("unreferenced-spec", "spec-paths", PATHS), first_added(facts)
    specs = tuple(path for path in facts.kept.documents if matches(path, patterns))
    brought = any(matches(file.path, patterns) for file in facts.files)
    if place is None or not specs or brought:
        return
    project, item = place
    said = texts(facts, *(each for each in project.revisions if each.change is not Change.DELETED))
    if any(path in said or path.rpartition("/")[2] in said for path in specs):
        return
    yield of_revision(
        project,
        item,
        title="The change does not say which part of the specification it carries out",
        message=f"The repository keeps {several(specs, 3)}. Neither the docstring of "
        f"{code(item.revision)} nor the commits"
        + (" nor the pull request" if facts.pull_request else "")
        + " name it.",
        about="spec",
        remedies=(Remedy("Name it", block(f"See {specs[0]}, section …")),),
    )
