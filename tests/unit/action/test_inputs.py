"""Inputs and the runner's environment: read as given, and nothing secret goes further."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.action.inputs import Inputs, Mode, names, read_inputs
from bot.action.runner import for_git, read_runner, without_secrets
from bot.action.runs import own_run
from bot.github import WorkflowRun
from bot.settings import SettingsError


def test_names_keep_their_hyphens_and_blank_inputs_are_not_stated() -> None:
    """As the runner of a container action hands them over."""
    found = read_inputs(
        {
            "INPUT_CACHE-DIR": " kept ",
            "INPUT_MODE": "observe",
            "INPUT_FAIL-ON": "warn",
            "INPUT_STRICT": " ",
            "INPUT_ARGS": "action",
            "OTHER": "x",
        }
    )
    assert found == Inputs(mode=Mode.OBSERVE, cache_dir="kept", settings={"fail-on": "warn"})


@pytest.mark.parametrize("name", ["CACHE_DIR", "POLICY", "TRUST-HEAD", "CACHE", "PROJECT"])
def test_an_input_that_there_is_not_is_refused(name: str) -> None:
    """Some settings stand in base's file alone; a typo would be a setting that does not hold."""
    with pytest.raises(SettingsError, match="there is no such input"):
        read_inputs({f"INPUT_{name}": "x"})


def test_what_an_input_says_may_be_secret() -> None:
    """A token, and the password in a database's URL."""
    found = read_inputs({"INPUT_TOKEN": "hush", "INPUT_DATABASE-URL": "postgresql://a:hush@h/d"})
    assert found.token == "hush"
    assert "hush" not in repr(found)


def test_every_input_is_one_word_of_lower_case() -> None:
    """So that INPUT_ and the name in capitals can be turned back."""
    assert all(name == name.lower() and " " not in name for name in names())
    assert len(set(names())) == len(names())


ENVIRON = {
    "PATH": "/usr/bin",
    "HOME": "/github/home",
    "DATABASE": "for the install command",
    "HTTPS_PROXY": "http://proxy:3128",
    "GITHUB_TOKEN": "other-token",
    "GITHUB_ENV": "/github/file_commands/set_env",
    "GITHUB_SERVER_URL": "https://ghe.example",
    "GH_TOKEN": "another",
    "ACTIONS_RUNTIME_TOKEN": "runtime",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "oidc",
    "INPUT_TOKEN": "hush",
    "RUNNER_TEMP": "/github/runner_temp",
    "RUNNER_TOOL_CACHE": "/opt/hostedtoolcache",
    "COPIED": "Bearer hush",
}
LEFT = {"PATH", "HOME", "DATABASE", "HTTPS_PROXY", "GITHUB_SERVER_URL", "RUNNER_TOOL_CACHE"}


def test_everything_but_github_gets_an_environment_without_secrets() -> None:
    """No token under any name, no command files, nothing that signs OIDC tokens."""
    assert set(without_secrets(ENVIRON, "hush")) == LEFT


def test_git_gets_the_token_in_one_variable() -> None:
    """And none when there is none."""
    assert for_git(ENVIRON, "hush") == {
        **without_secrets(ENVIRON, "hush"),
        "GITHUB_TOKEN": "hush",
    }
    assert "GITHUB_TOKEN" not in for_git(ENVIRON, "")


def test_the_runner_is_read_with_the_names_of_its_own_server() -> None:
    """GitHub Enterprise has other addresses; the workflow's file is told with its ref."""
    runner = read_runner(
        {
            "GITHUB_SERVER_URL": "https://ghe.example/",
            "GITHUB_API_URL": "https://ghe.example/api/v3/",
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_RUN_ID": "12",
            "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/db-recheck.yml@refs/heads/main",
        },
        Path("/here"),
    )
    assert runner.api_url == "https://ghe.example/api/v3"
    assert runner.run_url == "https://ghe.example/o/r/actions/runs/12"
    assert runner.workflow == ".github/workflows/db-recheck.yml"
    assert runner.workspace == Path("/here")


def run(number: int, path: str) -> WorkflowRun:
    """A run of that file."""
    return WorkflowRun(number, path, "pull_request", "completed", "a" * 40, "https://x")


def test_the_run_to_start_again_is_that_of_the_same_file_or_one_of_our_name() -> None:
    """The newest of them; other workflows of the repository are left alone."""
    ours = ".github/workflows/db-recheck.yml"
    runs = [run(4, ".github/workflows/ci.yml"), run(3, f"{ours}@main"), run(2, ours)]
    assert own_run(runs, ours) == runs[1]
    assert own_run(runs, ".github/workflows/db-recheck-comments.yml") == runs[1]
    assert own_run(runs, ".github/workflows/ci.yml") == runs[0]
    assert own_run(runs[:1], ours) is None
    assert own_run([], "") is None
