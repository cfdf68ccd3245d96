"""What the runner reads when the step ends: nothing in a value can end it early."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.action.outputs import SUMMARY_LIMIT, Outputs, shown


def test_an_output_holds_whatever_it_is_given(tmp_path: Path) -> None:
    """Lines, an equals sign, another output's syntax: the delimiter cannot be guessed."""
    path = tmp_path / "output"
    outputs = Outputs(path, None)
    value = "a=b\nname<<EOF\nEOF\nverdict=pass"
    outputs.set("one", value)
    outputs.set("two", "")
    lines = path.read_text().splitlines()
    first, second = lines[0].removeprefix("one<<"), lines[6].removeprefix("two<<")
    assert lines == [f"one<<{first}", *value.split("\n"), first, f"two<<{second}", "", second]
    assert first != second
    assert len(first) > 32


def test_outside_of_a_runner_nothing_is_kept() -> None:
    """`docker run … db-recheck action` on a laptop has no command files."""
    outputs = Outputs(None, None)
    outputs.set("verdict", "pass")
    outputs.summarise("x")


def test_the_summary_stays_below_what_the_runner_takes(tmp_path: Path) -> None:
    """1 MiB, in bytes, and never half a character."""
    path = tmp_path / "summary"
    Outputs(None, path).summarise("é" * SUMMARY_LIMIT)
    data = path.read_bytes()
    assert SUMMARY_LIMIT - 8 < len(data) < 1024 * 1024
    assert data.decode().endswith("é\n\n…\n")


def test_the_page_shows_ten_annotations_of_each_kind() -> None:
    """The first ones, which are the most severe; the others are counted."""
    commands = "".join(f"::error file=a::{number}\n" for number in range(12))
    commands += "".join(f"::notice file=a::{number}\n" for number in range(3))
    text, dropped = shown(commands)
    assert dropped == 2
    assert text.count("::error ") == 10
    assert text.count("::notice ") == 3
    assert "::11" not in text


@given(st.text(), st.text())
def test_a_summary_of_any_text_is_written(one: str, two: str) -> None:
    """Lone surrogates too."""
    outputs = Outputs(None, Path("/dev/null"))
    outputs.summarise(one + two)
    outputs.set("x", two)
