"""``make new-policy``: a policy in under a minute."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from bot.facts import Facts
from bot.policy import Severity
from scripts.new_policy import main


def test_new_policy_can_be_imported_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The module and its cases are written, and the module works before anything is filled in."""
    assert main(["locking/some-pattern"], tmp_path) == 0
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
    assert written == [
        "bot/policies/locking/__init__.py",
        "bot/policies/locking/some_pattern.py",
        "fixtures/pull_requests/some_pattern/bad.py",
        "fixtures/pull_requests/some_pattern/expect.toml",
        "fixtures/pull_requests/some_pattern/good.py",
        "fixtures/pull_requests/some_pattern/start.sql",
    ]
    assert "make accept" in capsys.readouterr().out
    path = tmp_path / "bot/policies/locking/some_pattern.py"
    spec = importlib.util.spec_from_file_location("some_pattern", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.SEVERITY is Severity.WARN
    assert list(module.check(Facts("0", "1"))) == []


@pytest.mark.parametrize("name", ["", "some-pattern", "Locking/x", "locking/some_pattern", "a/b/c"])
def test_bad_name_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message shows how a name looks."""
    assert main([name], tmp_path) == 2
    assert "group/pattern" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One id in two groups would be one waiver for two policies."""
    assert main(["locking/some-pattern"], tmp_path) == 0
    capsys.readouterr()
    assert main(["schema/some-pattern"], tmp_path) == 2
    assert "there is bot/policies/locking/some_pattern.py already" in capsys.readouterr().err
