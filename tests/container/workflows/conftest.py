"""The workflow files under act with Docker: the built image and service containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.github.conftest import _server, descriptions, double
from tests.unit.action.conftest import git
from tests.unit.action.conftest import job as _job
from tests.workflows.conftest import Act, act

__all__ = ["Act", "_server", "act", "descriptions", "double"]

job = _job


@pytest.fixture
def contained(act: Act, image: str) -> Act:
    """Jobs in containers, on a checkout with all history, as `fetch-depth: 0` makes it."""
    assert image
    act.check_out("feature")
    branches = "+refs/heads/*:refs/remotes/origin/*"
    git(act.job.workspace, "fetch", "--quiet", "--unshallow", "origin", branches)
    act.image = "db-recheck:test"
    return act


@pytest.fixture(autouse=True)
def _readable(tmp_path: Path) -> None:
    """Containers of other users look into these folders."""
    tmp_path.chmod(0o755)
