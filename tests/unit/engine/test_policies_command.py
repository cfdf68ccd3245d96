"""`db-recheck policies` and the command line's own words."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from bot.cli import run
from bot.policy import policies
from fixtures.build import build_custom
from tests.harmless import check_runner

PATH = {"PATH": os.environ["PATH"]}
FOLDER = ".db-recheck/policies/"
HOSTILE = """\"\"\"Seen \x1b[2J by @ada.

::error title=x::y ##[group]z

::warning::Do it.
\"\"\"
"""


def told(*words: str, here: Path | None = None) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command, in that folder."""
    out, err = io.StringIO(), io.StringIO()
    status = run(list(words), PATH, here or Path(), out, err)
    return status, out.getvalue(), err.getvalue()


def test_every_policy_is_listed(tmp_path: Path) -> None:
    """With its severity, under its group; that there is no checkout is told."""
    status, out, _ = told("policies", "list", here=tmp_path)
    assert "own are not listed" in out
    assert status == 0
    for policy in policies():
        assert f"  {policy.id} " in out
        assert f"\n{policy.group}\n" in f"\n{out}"


@pytest.mark.parametrize("policy", policies(), ids=lambda policy: policy.id)
def test_each_can_be_shown(policy: object) -> None:
    """What was seen, why it hurts, how to allow it."""
    name = getattr(policy, "id", "")
    status, out, _ = told("policies", "show", name)
    assert status == 0
    assert f"allow {name}: <reason>" in out


def test_a_typo_gets_a_hint(tmp_path: Path) -> None:
    """The closest id is named; exit status 2."""
    status, out, err = told("policies", "show", "downgrade-residu", here=tmp_path)
    assert (status, out) == (2, "")
    assert "did you mean downgrade-residue?" in err


def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse says it: exit status 2, and the usage on stderr."""
    assert told()[0] == 2
    assert "usage: db-recheck" in capsys.readouterr().err


def test_those_of_the_repository_are_listed(tmp_path: Path) -> None:
    """With what they weigh by base's settings, what they want, and where they are defined."""
    desk = build_custom(tmp_path / "desk", {"old.py": '"""An old one."""\n'})
    (tmp_path / "own.toml").write_text('[policies]\n"custom-old" = "off"\n')
    for words in ((), ("list",), ("--base", "main"), ("--repo", "nowhere", "list", "--repo", ".")):
        status, out, _ = told("policies", "--config", "../own.toml", *words, here=desk)
        assert status == 0
        (line,) = (line for line in out.splitlines() if "custom-old" in line)
        assert line.split() == [
            *("custom-old", "off", "own", "·····"),
            *("An", "old", "one.", f"({FOLDER}old.py:1)"),
        ]


def test_declared_ones_are_shown_with_what_they_want(tmp_path: Path) -> None:
    """And the line of their own table, of several."""
    desk = build_custom(tmp_path / "desk")
    status, out, _ = told("policies", "show", "custom-no-float-amounts", "--repo", str(desk))
    assert status == 0
    assert "group custom · block · defined in .db-recheck.toml:7 on main" in out
    assert "may have the type `double precision`, `real` and `money`" in out
    assert "allow custom-no-float-amounts: <reason>" in out


def test_one_in_python_is_shown_as_base_has_it(tmp_path: Path) -> None:
    """What the change makes of it is not in force; it is read and not run."""
    desk = build_custom(tmp_path / "desk")
    name = "money_without_currency"
    (desk / FOLDER / f"{name}.py").write_text('"""Changed."""\nraise SystemExit(9)\n')
    status, out, _ = told("policies", "show", f"custom-{name.replace('_', '-')}", here=desk)
    assert status == 0
    assert "Reports add such amounts up" in out
    assert "See https://www.iso.org/" in out
    assert "Changed" not in out


def test_a_text_of_a_stranger_does_nothing_to_a_terminal_or_runner(tmp_path: Path) -> None:
    """No escape sequence, no workflow command; what keeps it from running is told."""
    desk = build_custom(tmp_path / "desk", {"odd.py": HOSTILE})
    for words in (("list",), ("show", "custom-odd")):
        status, out, _ = told("policies", *words, here=desk)
        assert status == 0
        assert "\x1b" not in out
        check_runner(out)
    assert f"It cannot be run: {FOLDER}odd.py has no line `SEVERITY" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "custom-plain-name"), "did you mean custom-plain-names?"),
        (("--base", "nope", "list"), "there is no commit 'nope'"),
        (("list", "--repo", "gone"), "gone"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """In a sentence; exit status 2."""
    status, out, err = told("policies", *words, here=build_custom(tmp_path / "desk"))
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
