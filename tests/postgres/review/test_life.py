"""A run's life: streams, stored facts, the cache, signals, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.postgres.review.conftest import ROOT, Repository, revision

# A shell's background job ignores SIGINT, and so would all that it starts (coreutils, "env").
HEARING = ("env", "--default-signal=INT")
ADD = revision(
    "b2", "a1", 'op.add_column("t", sa.Column("n", sa.Integer))', 'op.drop_column("t", "n")'
)


def test_nothing_to_check_ends_at_once(repository: Repository) -> None:
    """A change of prose starts no server: verdict skip, exit status 0."""
    repository.branch()
    repository.write({"README.md": "# Shop\n"})
    start = time.monotonic()
    seen = repository.review()
    took = time.monotonic() - start
    assert seen.status == 0
    assert seen.report["verdict"] == "skip"
    assert seen.report["postgres"] is None
    assert took < 5  # a quiet machine takes 0.3 s; this one may be busy


def test_stored_facts_give_the_same_verdict(repository: Repository, tmp_path: Path) -> None:
    """`judge` needs neither the repository nor a database."""
    repository.branch()
    repository.revisions(revision("b2", "a1", "op.execute('CREATE TABLE n (id int)')"))
    facts = tmp_path / "facts.json"
    seen = repository.review("--facts", str(facts))
    judged = subprocess.run(
        [sys.executable, "-m", "bot", "judge", str(facts), "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == seen.status == 1
    assert json.loads(judged.stdout)["findings"] == seen.report["findings"]


@pytest.mark.parametrize("text", ["", "{}", "[1, 2", '{"base": 3}'])
def test_a_file_that_holds_no_facts_is_refused(tmp_path: Path, text: str) -> None:
    """Facts come from a process that ran a stranger's code."""
    (tmp_path / "facts.json").write_text(text)
    judged = subprocess.run(
        [sys.executable, "-m", "bot", "judge", str(tmp_path / "facts.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 2
    assert "not a facts file" in judged.stderr


def test_the_second_run_starts_from_the_cache(repository: Repository, tmp_path: Path) -> None:
    """It says the same, and base was not built again."""
    repository.branch()
    repository.revisions(revision("b2", "a1", "op.execute('CREATE TABLE n (id int)')"))
    words = ("--cache", str(tmp_path / "cache"), "--facts", str(tmp_path / "facts.json"))
    first = repository.review(*words)
    second = repository.review(*words)
    assert [item["fingerprint"] for item in first.report["findings"]] == [
        item["fingerprint"] for item in second.report["findings"]
    ]
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["projects"][0]["base_state"]["cached"] is True
    repository.git("checkout", "-q", "main")
    repository.revisions(revision("c9", "a1", "op.execute('CREATE TABLE o (id int)')"))
    repository.git("checkout", "-q", "feature")
    third = repository.review(*words)
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert facts["projects"][0]["base_state"]["cached"] is False
    assert any(item.startswith("multiple-heads") for item in third.findings)


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_behind(repository: Repository, tmp_path: Path, blow: signal.Signals) -> None:
    """After a signal, also one that cannot be caught, processes and folders are gone."""
    repository.branch()
    repository.revisions(revision("b2", "a1", 'op.execute("SELECT pg_sleep(300)")'))
    places = [Path("/dev/shm"), tmp_path / "tmp"]  # noqa: S108 - where rooms are made
    places[1].mkdir()
    words = [word for word in repository.command() if word != "-q"]
    with subprocess.Popen(
        [*HEARING, *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(places[1])},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "b2: upgrade" in line:
                break
        started = descendants(process.pid)
        assert any(b"postgres" in title for title in started.values())
        process.send_signal(blow)
        try:
            process.wait(timeout=60)
        finally:
            process.kill()
    deadline = time.monotonic() + 30
    while (left := started.items() & processes().items()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left
    assert not list(places[1].glob("db-recheck-[!g]*"))
    if blow is not signal.SIGKILL:
        assert process.returncode == 130


def test_a_server_that_dies_is_no_finding(repository: Repository) -> None:
    """What was not seen is told, with exit status 3; the revision is not blamed."""
    repository.branch()
    repository.revisions(revision("b2", "a1", 'op.execute("SELECT pg_sleep(300)")'))
    words = [word for word in repository.command("--format", "json") if word != "-q"]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            if "b2: upgrade" in line:
                break
        for pid, title in descendants(process.pid).items():
            if title.startswith(b"postgres") or b"bin/postgres" in title:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        out, said = process.stdout.read(), process.stderr.read()
    assert process.returncode == 3, said
    assert out, said
    report = json.loads(out)
    assert report["verdict"] == "error", said
    assert report["findings"] == []
    assert "every changed revision" in json.dumps(report["not_checked"])


def processes() -> dict[int, bytes]:
    """The command lines of all processes."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                found[int(entry.name)] = (entry / "cmdline").read_bytes()
    return found


def descendants(pid: int) -> dict[int, bytes]:
    """The command lines of all processes below one."""
    parents = {}
    for other in processes():
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{other}/stat").read_text()
            parents[other] = int(stat.rpartition(")")[2].split()[1])
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return {other: title for other, title in processes().items() if other in family - {pid}}


def test_the_report_alone_is_on_stdout(repository: Repository) -> None:
    """Progress goes to stderr; a migration that prints cannot get into the report."""
    repository.branch()
    repository.revisions(
        revision(
            "b2",
            "a1",
            'print("::error::hello"); op.execute("CREATE TABLE n (id int PRIMARY KEY)")',
            'op.drop_table("n")',
        )
    )
    words = [word for word in repository.command("--format", "json") if word != "-q"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["verdict"] == "pass"
    assert "db-recheck: " in done.stderr
    assert "hello" not in done.stdout + done.stderr
