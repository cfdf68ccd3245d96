"""A change of the schema also touched routes, pages or services.

Whoever owns the data layer reviews the tables and not the pages, and the other way round. Together
they are deployed together, and rolled back together.

Ship the schema with its models first, and what uses them in a pull request of its own.

Reference: https://google.github.io/eng-practices/review/developer/small-cls.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.paths import matches
from bot.explain.history.told import first_added, of_revision
from bot.facts import Change, Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import several

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (2,)
OPTIONS = {"data-layer-paths": "patterns of the data layer's files: other code is outside of it"}

_CODE = (".py", ".js", ".jsx", ".ts", ".tsx", ".vue", ".svelte", ".html", ".css", ".scss")
_WORDS = """
    api apis app_routes components controllers endpoints frontend handlers pages routers routes
    services templates ui views web
"""
_FOLDERS = frozenset(_WORDS.split())
_PAGES = (".jsx", ".tsx", ".vue", ".svelte", ".css", ".scss")
_TESTS = frozenset({"test", "tests", "conftest.py"})


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for the change, at the first such file."""
    place = first_added(facts)
    stated = options.of("change-outside-data-layer", "data-layer-paths", ("",))
    own = tuple(pattern for pattern in stated if pattern)
    held = {source.path for source in facts.sources}  # revisions and models
    outside = [
        file
        for file in facts.files
        if file.path not in held
        and not _TESTS & {*file.path.split("/")}
        and (_is_code(file.path) and not matches(file.path, own) if own else _is_outside(file.path))
    ]
    if place is None or not outside:
        return
    there = next((file for file in outside if file.change is not Change.DELETED), outside[0])
    yield of_revision(
        *place,
        title="The change reaches beyond the data layer",
        message=f"Beside the schema it changes {several([file.path for file in outside])}.",
        about="outside",
        path=there.path,
        count=len(outside),
        remedies=(
            Remedy(
                "Ship the schema and its models first",
                "The routes and pages that use them follow in a pull request of their own.",
                trade_off="Two pull requests, each with the reviewers who know it.",
            ),
        ),
    )


def _is_code(path: str) -> bool:
    return path.endswith(_CODE)


def _is_outside(path: str) -> bool:
    *folders, name = path.lower().split("/")
    named = bool(_FOLDERS & {*folders, name.rpartition(".")[0]})
    return path.endswith(_PAGES) or (_is_code(path) and named)
