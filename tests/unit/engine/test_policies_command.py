"""`db-recheck policies` and the command line's own words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.cli import run
from bot.policy import policies


def told(*words: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of one command."""
    out, err = io.StringIO(), io.StringIO()
    return run(list(words), {}, Path(), out, err), out.getvalue(), err.getvalue()


def test_every_policy_is_listed() -> None:
    """With its severity, under its group."""
    status, out, _ = told("policies", "list")
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


def test_a_typo_gets_a_hint() -> None:
    """The closest id is named; exit status 2."""
    status, out, err = told("policies", "show", "downgrade-residu")
    assert (status, out) == (2, "")
    assert "did you mean downgrade-residue?" in err


def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse says it: exit status 2, and the usage on stderr."""
    assert told()[0] == 2
    assert "usage: db-recheck" in capsys.readouterr().err
