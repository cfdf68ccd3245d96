"""A team's own policies: the samples of the docs, and what a policy cannot do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.custom.files import file_policy
from bot.facts import Facts
from bot.observe.own import Bounds, sandboxed
from bot.policy import DEFAULTS, Finding, Unjudged
from bot.settings import OwnFile
from bot.verdict import Outcome, Verdict
from fixtures.build import build_custom
from fixtures.review import Reviewer

ROOT = Path(__file__).parents[3]
INVOICES = "migrations/versions/3facade3_invoice.py"
TOP = """\"\"\"Seen.\"\"\"
import os
from bot.policy import Confidence, Finding, Severity
SEVERITY = Severity.WARN
"""
ONE = (
    "Finding(path={path!r}, line=1, title='x', message='y', subject='s',"
    " confidence=Confidence.CERTAIN)"
)


def own(verdict: Verdict) -> list[str]:
    """The findings of the team's own policies: severity, id, line, title."""
    return sorted(
        f"{item.severity.value} {item.policy} {item.line} {item.title}"
        for item in verdict.counting
        if item.policy.startswith("custom-")
    )


def test_the_samples_report_what_they_are_for(tmp_path: Path, reviewer: Reviewer) -> None:
    """Declared ones and the one in Python, each on its line."""
    verdict = reviewer.review(build_custom(tmp_path / "desk"))
    assert own(verdict) == [
        "block custom-no-float-amounts 17 `public.invoice.total` has the type `double precision`",
        "note custom-plain-names 17 `public.invoice.line2` is not named as `plain-names` wants",
        "note custom-plain-names 17 `public.invoice` is not named as `plain-names` wants",
        "warn custom-audit-columns 17 `public.invoice` has no `created_at` and `created_by`",
        "warn custom-money-without-currency 16 `public.invoice` has an amount without a currency",
    ]
    assert verdict.verdict is Outcome.FAIL
    assert "custom-money-without-currency" in verdict.ran


def test_a_finding_of_ones_own_is_allowed_like_any_other(
    tmp_path: Path, reviewer: Reviewer
) -> None:
    """By its id, with a reason; and the settings weigh it, or switch it off."""
    desk = build_custom(tmp_path / "desk")
    path = desk / INVOICES
    waiver = "# db-recheck: allow custom-money-without-currency: euros alone\ndef upgrade"
    path.write_text(path.read_text().replace("def upgrade", waiver, 1))
    commit(desk)
    verdict = reviewer.review(desk)
    assert [item.policy for item in verdict.waived] == ["custom-money-without-currency"]
    assert not any(item.policy in ("unknown-waiver", "unused-waiver") for item in verdict.counting)
    off = {"policies": {"custom-no-float-amounts": "off", "custom-audit-columns": "note"}}
    found = own(reviewer.review(desk, settings=off))
    assert not any("no-float" in item for item in found)
    assert any(item.startswith("note custom-audit-columns") for item in found)


def commit(desk: Path) -> None:
    """Commit everything."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", "add", "-A"], cwd=desk, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", "more"], cwd=desk, check=True)


def test_a_pull_request_cannot_rid_itself_of_them(tmp_path: Path, reviewer: Reviewer) -> None:
    """Base's run whatever head says; what head alters is told, what it adds waits for the merge."""
    desk = build_custom(tmp_path / "desk")
    policies = desk / ".db-recheck" / "policies"
    (policies / "money_without_currency.py").unlink()
    (policies / "new_one.py").write_text(TOP + "def check(facts): raise SystemExit\n")
    (desk / ".db-recheck.toml").write_text("")
    commit(desk)
    verdict = reviewer.review(desk)
    assert len(own(verdict)) == 5
    weakened = {item.title for item in verdict.counting if item.policy == "check-weakened"}
    assert weakened == {
        "The change loosens `custom`",
        "The change loosens `custom-money-without-currency`",
    }
    changes = {item.key: item.head for item in verdict.facts.configuration}
    assert changes["custom-new-one"] == "new"
    assert "custom-new-one" not in verdict.ran


def run(body: str, facts: Facts | None = None, **bounds: float) -> tuple[Finding, ...]:
    """One policy, run alone in its sandbox.

    Raises:
        Unjudged: it did not come to an end.
    """
    file = OwnFile(".db-recheck/policies/mine.py", TOP + body)
    limits = Bounds(**bounds)  # type: ignore[arg-type]  # of the fields' own types
    runner = sandboxed(Path(os.environ.get("TMPDIR", "/tmp")), {}, limits)  # noqa: S108 # as the program
    policy = file_policy(file, DEFAULTS, runner)
    assert policy.check is not None
    return tuple(policy.check(facts or FACTS))


FACTS = Facts(base="b", head="h", sources=())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("def check(facts):\n    while True: pass\n", "it had not ended after 3 s"),
        ("def check(facts):\n    if os.fork(): os.wait()\n    while True: pass\n", "not ended"),
        ("def check(facts):\n    x = bytearray(10**10)\n", "it raised in its line 6: MemoryError"),
        ("def check(facts):\n    x = [0]\n    while True: x += x\n", "MemoryError"),
        ("def check(facts):\n    yield 1 / 0\n", "it raised in its line 6: ZeroDivisionError"),
        ("def check(facts):\n    os._exit(0)\n", "it ended without a word"),
        ("def check(facts):\n    raise SystemExit(0)\n", "it raised in its line 6: SystemExit"),
        ("import nothing_like_it\ndef check(facts): ...\n", "ModuleNotFoundError"),
        ("def check(facts):\n    yield 'fine'\n", "it raised"),
        ("def check(facts):\n    yield " + ONE.format(path="/etc/passwd") + "\n", "/etc/passwd"),
        ("def check(facts):\n    import sys; os.write(int(sys.argv[-1]), b'x' * 2**21)\n", "wrote"),
    ],
)
def test_what_goes_wrong_is_told_and_nothing_else_is_lost(body: str, why: str) -> None:
    """A sentence for the reader; the policy alone is not checked."""
    with pytest.raises(Unjudged) as raised:
        run(body, seconds=3.0)
    assert why in raised.value.why


FORGED = b"""
    import json, sys
    said = {"findings": [], "policy": "failing-upgrade", "waived": True, "verdict": "pass"}
    os.write(int(sys.argv[-1]), json.dumps(said).encode())
    os._exit(0)
"""


def test_forged_output_is_refused() -> None:
    """It may state findings and nothing else: no id, no waiver, no verdict."""
    with pytest.raises(Unjudged, match="unknown field"):
        run(f"def check(facts):{FORGED.decode()}")


LOOK = """
def check(facts):
    held = []
    for name in ("GITHUB_TOKEN", "DB_RECHECK_DATABASE_URL", "SECRET_OF_THE_RUNNER"):
        held += [name] if name in os.environ else []
    for path in ("/proc/1/environ", f"/proc/{os.getppid()}/environ", "CHECKOUT/.git/config"):
        try:
            held += [path] if open(path, "rb").read() else []
        except OSError:
            pass
    import socket
    try:
        socket.create_connection(("127.0.0.1", PORT), 1)
        held.append("network")
    except OSError:
        pass
    raise ValueError(held)
"""


def test_it_reaches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the runner, no process, no network."""
    import socket

    monkeypatch.setenv("GITHUB_TOKEN", "ghs_secret")
    monkeypatch.setenv("SECRET_OF_THE_RUNNER", "secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        body = LOOK.replace("PORT", str(server.getsockname()[1])).replace("CHECKOUT", str(tmp_path))
        with pytest.raises(Unjudged, match=r"ValueError: \[\]"):
            run(body)


def test_what_it_prints_reaches_nobody(tmp_path: Path) -> None:
    """No workflow command on stdout or stderr of the check, whatever a policy prints or says."""
    noise = (
        "def check(facts):\n"
        "    import sys\n"
        "    print('::set-output name=x::y'); print('##[error]x', file=sys.stderr)\n"
        "    os.system('echo ::warning::from a shell')\n"
        "    path = facts.projects[0].revisions[0].path\n"
        "    yield Finding(path=path, line=1, title='::error::t', message='\\n::error::m <b>',\n"
        "        subject='s', confidence=Confidence.CERTAIN)\n"
    )
    desk = build_custom(tmp_path / "desk", {"noisy.py": TOP + noise})
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bot", "check", "--repo", str(desk), "--base", "main"),
            *("--head", "feature", "--install", "never", "--format", "text"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 1
    assert "custom-noisy" in done.stdout
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines()]
    assert not any(line.startswith("::") or "##[" in line for line in lines)


def test_one_that_fails_makes_the_check_an_error(tmp_path: Path, reviewer: Reviewer) -> None:
    """Exit status 3 where nothing else fails it; the other policies have looked."""
    files = {"broken.py": TOP + "def check(facts):\n    yield nothing\n", "blank.py": "x = 1\n"}
    desk = build_custom(tmp_path / "desk", files)
    off = {"policies": {"custom-no-float-amounts": "off"}}
    verdict = reviewer.review(desk, settings=off)
    told = {item.what: item.why for item in verdict.not_checked if item.what.startswith("policy")}
    assert told == {
        "policy custom-broken": "it raised in its line 6: NameError: name 'nothing' is not defined",
        "policy custom-blank": ".db-recheck/policies/blank.py has no line `SEVERITY ="
        " Severity.BLOCK`, `.WARN` or `.NOTE`",
    }
    assert verdict.verdict is Outcome.ERROR
    assert any("audit-columns" in item for item in own(verdict))
