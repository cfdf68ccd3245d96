"""``docs/accuracy.md`` is what the kept results and today's corpus give."""

from __future__ import annotations

import pytest

from accuracy import own
from accuracy.page import PAGE, page
from accuracy.renewal import outdated
from accuracy.said import RESULTS, fingerprint, load, place
from accuracy.scope import shared
from accuracy.systems import System, systems
from bot import __version__
from fixtures.labelled import corpus

CASES = corpus()
SYSTEMS = systems()
VERSIONS = {own.NAME: __version__, **{system.name: system.shown for system in SYSTEMS}}


@pytest.mark.parametrize("name", VERSIONS)
def test_results_are_of_this_corpus(name: str) -> None:
    """Whoever adds or changes a case runs it for everybody: ``make accuracy``."""
    said = load(name)
    assert said is not None, "run `make accuracy`"
    shown = own.shown if name == own.NAME else fingerprint
    asked = CASES if name == own.NAME else shared()
    old = [case.id for case in outdated(said, VERSIONS[name], asked, shown)]
    assert old == [], "these have changed: run `make accuracy`"
    assert said.answers.keys() == {case.id for case in asked}


def test_no_results_without_a_system() -> None:
    """A file of a system that is gone would only confuse."""
    assert set(RESULTS.glob("*.json")) == {place(name) for name in VERSIONS}


def test_page_is_up_to_date() -> None:
    """Run ``python -m accuracy page`` after a change of labels, of the mapping or of the page."""
    assert PAGE.read_text("utf-8") == page(CASES, SYSTEMS, load)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_mapping_names_every_rule_that_the_system_used(system: System) -> None:
    """A rule that nobody looked at may be in the open, but not overlooked."""
    said = load(system.name)
    assert said is not None
    used = {remark.rule for remarks in said.remarks.values() for remark in remarks}
    assert used - system.rules.keys() - system.left_out.keys() == set()


def test_version_that_is_shown_is_the_one_that_is_installed() -> None:
    """The packages are pinned, and the page names the pins."""
    for system in SYSTEMS:
        for word in system.shown.replace("(", " ").replace(")", " ").split():
            if word[0].isdigit():
                assert any(package.endswith(f"=={word}") for package in system.packages)
