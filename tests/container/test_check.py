"""`db-recheck check` in the image: on a laptop, and beside a service container."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from tests.conftest import Golden
from tests.container import engine
from tests.container.runner import Job, check_out, hand_over, owners
from tests.container.texts import settled

CHECK = ("check", "--base", "main", "--head", "feature", "--install", "never")
OURS = (
    r"SELECT datname FROM pg_database WHERE datname LIKE 'db\_recheck%'"
    r" UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE 'db\_recheck%'"
)


def test_laptop_needs_nothing_else(image: str, shop: Path, golden: Golden) -> None:
    """One `docker run` on a checkout that it may only read starts a PostgreSQL of its own."""
    hand_over(shop)
    options = ("--volume", f"{shop}:/repo:ro", "--workdir", "/repo")
    done = engine.run(image, *CHECK, options=options)
    assert done.returncode == 1, done.stderr
    assert "(embedded)" in done.stdout
    golden("laptop.txt", settled(done.stdout))


def test_service_is_used_and_left_clean(image: str, job: Job) -> None:
    """A service container is reached by its alias; afterwards it holds nothing of ours."""
    url = job.start_service()
    ended = job.run(image, *CHECK, "--format", "json", "--database-url", url)
    report = json.loads(ended.stdout)
    assert (ended.status, report["postgres"]["source"]) == (1, "service"), ended.stderr
    assert {item["policy"] for item in report["findings"]} == {
        "failing-reupgrade",
        "constraint-index-built-in-place",
        "upgrade-fails-on-rows",
        "downgrade-residue",
        "failing-downgrade",
    }
    assert "landlock" not in report["sandbox"]
    assert "own user" not in report["sandbox"]
    assert job.ask_service(OURS) == []


def test_checkout_is_left_as_it_was(image: str, job: Job) -> None:
    """Nothing is written into the workspace, neither files nor git objects."""
    before = sorted(job.workspace.rglob("*"))
    owner = owners(job.workspace)
    assert job.run(image, *CHECK).status == 1
    assert sorted(job.workspace.rglob("*")) == before
    assert owners(job.workspace) == owner


def test_nothing_to_check_is_over_at_once(image: str, job: Job) -> None:
    """A pull request that changes no migration is done within two seconds, container and all."""
    check_out(job.workspace, "main")
    (job.workspace / "README.md").write_text("Nothing of the database.\n")
    hand_over(job.workspace)
    took = []
    for _ in range(3):  # other tests run beside this one
        ended = job.run(image, "check", "--base", "main", "--format", "json")
        assert json.loads(ended.stdout)["verdict"] == "skip"
        took.append(ended.seconds)
    assert min(took) < engine.moment(image)


def test_killed_container_leaves_nothing_behind(image: str, job: Job) -> None:
    """After a kill the workspace is as it was; the next run drops what stayed on the service."""
    url = job.start_service()
    slow = job.workspace / "migrations/versions/51055105_slow.py"
    slow.write_text(SLOW)
    check_out(job.workspace, "main")
    before = sorted(job.workspace.rglob("*"))
    words = ("check", "--install", "never", "--base", "main", "--database-url", url)
    running = subprocess.Popen(
        job.command(image, words, {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    sleeping = (
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(99)%' AND state = 'active'"
    )
    until = time.monotonic() + 60
    while len(job.ask_service(f"{sleeping} AND pid <> pg_backend_pid()")) == 0:
        assert time.monotonic() < until, running.communicate(timeout=5)
        time.sleep(0.2)
    engine.docker("kill", job.container)
    running.communicate(timeout=30)
    assert sorted(job.workspace.rglob("*")) == before
    assert not list((job.folder / "temp").iterdir())

    slow.unlink()
    check_out(job.workspace, "feature")
    assert job.run(image, *CHECK, "--database-url", url).status == 1
    assert job.ask_service(OURS) == []


SLOW = '''"""takes its time"""
from alembic import op
revision = "51055105"
down_revision = "2b7d90f1"


def upgrade():
    op.execute("SELECT pg_sleep(99)")


def downgrade():
    pass
'''
