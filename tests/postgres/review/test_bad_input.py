"""Bad input gets a clear message that says what to do, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres.review.conftest import Repository, revision

ADD = revision(
    "b2", "a1", 'op.add_column("t", sa.Column("n", sa.Integer))', 'op.drop_column("t", "n")'
)


def test_an_unknown_setting_is_refused_with_a_hint(repository: Repository) -> None:
    """The message names the file, the line and the closest key."""
    repository.write({".db-recheck.toml": "# ours\nfail_onn = 'warn'\n"})
    repository.branch()
    repository.revisions(ADD)
    seen = repository.review()
    assert seen.status == 2
    assert ".db-recheck.toml:2" in seen.error
    assert "fail-on" in seen.error


def test_a_wrong_value_is_refused(repository: Repository) -> None:
    """A flag's value is told with what it must be."""
    repository.branch()
    repository.revisions(ADD)
    seen = repository.review("--timeout", "soon")
    assert seen.status == 2
    assert "timeout" in seen.error
    assert "soon" in seen.error


def test_a_repository_without_alembic_is_told_so(tmp_path: Path) -> None:
    """Exit status 2: nothing here could ever be checked."""
    repository = Repository(tmp_path / "repository")
    repository.git("rm", "-q", "-r", "alembic.ini", "migrations")
    repository.write({"README": "nothing"})
    repository.branch()
    seen = repository.review()
    assert seen.status == 2
    assert "no Alembic environment was found" in seen.error


def test_an_unknown_branch_is_told(repository: Repository) -> None:
    """The name that git does not know is in the message."""
    repository.branch()
    seen = repository.review("--base", "mian")
    assert seen.status == 2
    assert "mian" in seen.error


def test_a_broken_ini_names_its_line(repository: Repository) -> None:
    """The project was not seen: exit status 3, with file and line."""
    repository.branch()
    repository.write({"alembic.ini": "[alembic]\nscript_location = migrations\nwhat is this\n"})
    seen = repository.review()
    assert seen.status == 3
    assert "alembic.ini:3" in seen.unseen


def test_what_was_broken_before_concerns_nobody_else(repository: Repository) -> None:
    """A plugin's ini that leads nowhere on base too: only a change in its folder is stopped."""
    repository.write({"plugins/audit/alembic.ini": "[alembic]\nscript_location = audit:nowhere\n"})
    repository.branch()
    repository.write({"README.md": "words\n"})
    assert repository.review().status == 0
    repository.write({"plugins/audit/models.py": "x = 1\n"})
    seen = repository.review()
    assert seen.status == 3
    assert "plugins/audit/alembic.ini:2" in seen.unseen


def test_an_unreachable_server_is_an_error_with_a_report(repository: Repository) -> None:
    """The report says what was not checked and how to go on; the password is not in it."""
    repository.branch()
    repository.revisions(ADD)
    seen = repository.review("--database-url", "postgresql://u:s3cr3t@localhost:1/x")
    assert seen.status == 3
    assert seen.report["verdict"] == "error"
    assert "--database-url" in seen.unseen
    assert "s3cr3t" not in seen.unseen + seen.error


def test_a_revision_that_never_ends_is_not_seen(repository: Repository) -> None:
    """The clock of the whole run stops it: exit status 3, naming the statement."""
    repository.branch()
    repository.revisions(revision("b2", "a1", 'op.execute("SELECT pg_sleep(600)")'))
    seen = repository.review("--timeout", "12")
    assert seen.status == 3
    assert "the upgrade of b2" in seen.unseen
    assert "pg_sleep" in seen.unseen


def test_an_endless_loop_in_python_ends_too(repository: Repository) -> None:
    """So does one that never reaches the server."""
    repository.branch()
    repository.revisions(revision("b2", "a1", "while True: pass"))
    seen = repository.review("--timeout", "12")
    assert seen.status == 3
    assert "the upgrade of b2" in seen.unseen


def test_a_process_that_ends_itself_is_a_failing_upgrade(repository: Repository) -> None:
    """os._exit in a revision takes its process down, not the review."""
    repository.branch()
    repository.revisions(revision("b2", "a1", "os._exit(0)", more="import os\n"))
    seen = repository.review()
    assert seen.status == 1
    assert [item.split()[0] for item in seen.findings] == ["failing-upgrade"]


@pytest.mark.parametrize("place", ["main", "feature"])
def test_an_env_py_that_raises(repository: Repository, place: str) -> None:
    """By the change: a finding at its line. On base too: not seen, although the revisions ran."""
    broken = {"migrations/env.py": "x = 1\nraise OSError('the vault is closed')\n"}
    if place == "main":
        repository.write(broken)
    repository.branch()
    if place == "feature":
        repository.write(broken)
    repository.revisions(ADD)
    seen = repository.review()
    if place == "feature":
        assert seen.status == 1
        assert "failing-upgrade migrations/env.py:2" in seen.findings
    else:
        assert seen.status == 3
        assert "the vault is closed" in seen.unseen
        assert seen.report["projects"][0]["environment"] == "builtin"


def test_another_database_is_told(repository: Repository) -> None:
    """A URL for SQLite is replaced, because the scratch database is PostgreSQL; it is listed."""
    ini = "[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///x.db\n"
    repository.write({"alembic.ini": ini})
    repository.branch()
    repository.revisions(ADD)
    project = repository.review().report["projects"][0]
    assert project["assumed"] == ["sqlalchemy.url"]
    assert project["revisions"][0]["round_trip"]["upgrade"] == "ok"


def test_odd_names_and_bytes_do_no_harm(repository: Repository) -> None:
    """A file name that is no UTF-8, and a model file that is none."""
    repository.branch()
    name = b"odd-\xff\xfe.txt".decode("utf-8", "surrogateescape")
    (repository.root / name).write_text("x")
    (repository.root / "models.py").write_bytes(b"# \xff\nBase = declarative_base()\n")
    repository.revisions(ADD)
    assert repository.review().status == 0
