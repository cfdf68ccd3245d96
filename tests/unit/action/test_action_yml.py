"""action.yml, the settings, the outputs, the workflow files and the documentation say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.action.inputs import NO_INPUT, OWN, Mode, names
from bot.action.outputs import NAMES
from bot.settings import settings

ROOT = Path(__file__).parents[3]
ACTION = (ROOT / "action.yml").read_text("utf-8")
PAGE = (ROOT / "docs" / "github.md").read_text("utf-8")
WORKFLOWS = sorted((ROOT / "docs" / "workflows").glob("*/*.yml"))


def section(name: str) -> dict[str, str]:
    """The entries of one section of action.yml, with their text."""
    after = ACTION.split(f"\n{name}:\n", 1)[1]
    body = re.split(r"^(?=\S)", after, maxsplit=1, flags=re.MULTILINE)[0]
    parts = re.split(r"^  ([a-z-]+):\n", body, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_input_is_in_action_yml_and_the_other_way_round() -> None:
    """In the same order."""
    assert tuple(section("inputs")) == names()


def test_every_setting_is_an_input_but_for_four() -> None:
    """One folder of another name, and what a workflow file must not state."""
    keys = {item.key for item in settings()}
    assert keys - set(names()) == NO_INPUT
    assert set(names()) - keys == set(OWN)


def test_an_input_that_is_a_setting_says_what_the_setting_says() -> None:
    """The description holds the setting's own sentence; by default it is not stated."""
    for item in settings():
        if item.key not in NO_INPUT:
            text = section("inputs")[item.key]
            assert " ".join(item.help.split()) in " ".join(text.split())
            assert 'default: ""' in text


def test_every_output_is_in_action_yml() -> None:
    """And the other way round."""
    assert tuple(section("outputs")) == NAMES


def test_the_image_is_told_which_command_to_run() -> None:
    """Its entry point is the command line."""
    assert ACTION.rstrip().endswith("args: [action]")


@pytest.mark.parametrize("name", [*OWN, *NAMES, *(mode.value for mode in Mode)])
def test_the_page_names_every_input_output_and_mode_of_the_action(name: str) -> None:
    """Settings have a page of their own."""
    assert f"`{name}`" in PAGE or f"`mode: {name}`" in PAGE


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_workflow_file_gives_no_right_that_it_does_not_need(path: Path) -> None:
    """None to the workflow, named ones to each job; and no token stays in the checkout."""
    text = path.read_text("utf-8")
    assert re.search(r"^permissions: \{\}$", text, re.MULTILINE)
    assert text.count("runs-on: ") == len(re.findall(r"^    permissions:", text, re.MULTILINE))
    assert re.search(r"^ *concurrency:", text, re.MULTILINE)
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_workflow_file_is_described_and_states_inputs_that_there_are(path: Path) -> None:
    """The page names each file; `with:` names no input that the Action lacks."""
    text = path.read_text("utf-8")
    assert f"workflows/{path.parent.name}/{path.name}" in PAGE
    steps = re.split(r"^      - ", text, flags=re.MULTILINE)
    ours = [step for step in steps if "uses: OWNER/db-recheck@" in step]
    assert ours
    for step in ours:
        stated = re.search(r"with:(.*)", step, re.DOTALL)
        keys = re.findall(r"(?:^ {10}|[{,] ?)([a-z-]+):", stated[1], re.MULTILINE) if stated else []
        assert set(keys) <= set(names())


def test_the_simple_workflow_has_no_more_than_fifteen_lines() -> None:
    """And the front page shows it as it is."""
    text = (ROOT / "docs/workflows/simple/db-recheck.yml").read_text("utf-8")
    assert len(text.splitlines()) <= 15
    assert f"```yaml\n{text}```\n" in (ROOT / "README.md").read_text("utf-8")
