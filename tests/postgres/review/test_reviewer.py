"""Many reviews with one server and one interpreter: what one does, the next does not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.facts import FailureKind, State, Step
from fixtures.review import Reviewer
from tests.postgres.review.conftest import Repository, revision

LEAVES = (
    'op.execute("CREATE ROLE visitor"); op.execute("GRANT SELECT ON t TO visitor");'
    ' __import__("pathlib").Path("~/left").expanduser().write_text("here")'
)
LOOKS = (
    'op.execute("CREATE ROLE visitor");'
    ' assert not __import__("pathlib").Path("~/left").expanduser().exists()'
)
_KILL = "import os, signal; from pathlib import Path; "
KILLS = _KILL + "os.kill(os.getppid(), signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)"
KILLS_ALL = (
    _KILL + 'parent = Path(f"/proc/{os.getppid()}/stat").read_text().split()[3];'
    " [os.kill(int(pid), signal.SIGKILL) for pid in (parent, os.getppid(), os.getpid())]"
)


def upgrade(reviewer: Reviewer, repository: Repository) -> Step:
    """The upgrade of the one new revision."""
    verdict = reviewer.review(repository.root)
    (found,) = verdict.facts.projects[0].revisions
    return found.round_trip.upgrade


def test_roles_files_and_databases_are_gone(reviewer: Reviewer, tmp_path: Path) -> None:
    """The second review creates the same role and finds an empty home."""
    for name, body in (("first", LEAVES), ("second", LOOKS)):
        repository = Repository(tmp_path / name)
        table = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'
        repository.revisions(revision("a1", None, table, 'op.drop_table("t")'))
        repository.branch()
        repository.revisions(revision("a2", "a1", body))
        step = upgrade(reviewer, repository)
        assert (step.state, step.failure) == (State.OK, None)


@pytest.mark.parametrize("deed", [KILLS, KILLS_ALL], ids=["session", "interpreter"])
def test_a_killed_interpreter_is_replaced(
    deed: str, reviewer: Reviewer, repository: Repository
) -> None:
    """A case that kills its own processes fails alone; the next one has what it needs."""
    repository.branch()
    repository.revisions(revision("a2", "a1", deed))
    step = upgrade(reviewer, repository)
    assert step.failure is not None
    assert step.failure.kind is FailureKind.KILLED
    repository.git("reset", "-q", "--hard", "main")
    repository.revisions(revision("a3", "a1", 'op.execute("SELECT 1")'))
    assert upgrade(reviewer, repository).state is State.OK
