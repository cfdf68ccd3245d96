"""What happens on the pull request of the tests: verdicts over one revision file."""

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff

from bot.facts import Change, ChangedFile, Facts, Hunk, NotChecked
from bot.github import Place
from bot.policy import Confidence, Remedy, Severity
from bot.verdict import Judged, Outcome, Verdict
from tests.github.double.server import Double
from tests.github.double.state import File, Pull, Rights, World
from tests.unit.report.cases import CLEAN, SKIP, SOURCE, VERSIONS
from tests.unit.report.cases import verdict as case

HEAD = "2e" * 20
NUMBER = 7
REVISION = f"{VERSIONS}/b2c3_add_mood.py"
MODEL = "backend/models/user.py"
BIG = "backend/models/big.py"
ELSEWHERE = "backend/models/elsewhere.py"
PATCH = "@@ -0,0 +1,20 @@\n" + "\n".join(f"+{line}" for line in SOURCE.rstrip("\n").split("\n"))
MODEL_PATCH = """@@ -3,4 +3,5 @@ class User:
 a
 b
+c
 d
 e
@@ -30,4 +31,5 @@ class Pet:
 x
+y
 z
 @@ -1 +1 @@ of a quoted patch
 w"""
FIXED = SOURCE + "    mood.drop(op.get_bind())\n"
FIX = "".join(
    unified_diff(
        SOURCE.splitlines(keepends=True),
        FIXED.splitlines(keepends=True),
        f"a/{REVISION}",
        f"b/{REVISION}",
    )
)


def furnish(world: World, token: str) -> World:
    """One open pull request with three files in its diff, one of them without a patch."""
    world.tokens[token] = Rights()
    world.pulls[NUMBER] = Pull(
        NUMBER,
        HEAD,
        world.repository,
        files=[
            File("README.md", "@@ -1 +1 @@\n-a\n+b"),
            File(REVISION, PATCH, "added"),
            File(MODEL, MODEL_PATCH),
            File(BIG, None),
        ],
    )
    return world


def place(double: Double, *, number: int | None = NUMBER, head: str = HEAD) -> Place:
    """The place to speak at, on that double."""
    run = f"{double.server_url}/{double.world.repository}/actions/runs/42"
    return Place(double.api_url, double.server_url, double.world.repository, number, head, run)


def finding(
    fingerprint: str = "00aa11bb22cc33dd",
    *,
    path: str = REVISION,
    line: int = 19,
    end_line: int | None = None,
    severity: Severity = Severity.BLOCK,
    title: str = "The downgrade of `b2c3` leaves `type public.mood` behind",
    patch: str | None = None,
) -> Judged:
    """A finding on that line."""
    return Judged(
        policy="downgrade-residue",
        group="reversibility",
        severity=severity,
        confidence=Confidence.OBSERVED,
        title=title,
        message="After up and down the schema is not what it was:\n\n- `type public.mood`",
        path=path,
        line=line,
        end_line=end_line or line,
        project="backend/alembic.ini",
        revision="b2c3",
        tables=("public.users",),
        count=1,
        column=None,
        introduced=True,
        waived=None,
        remedies=(
            Remedy("Drop the type as well", "Once its last column is gone.", patch=patch),
            Remedy("Keep the type and say so", trade_off="the next upgrade must not create it"),
        ),
        fingerprint=fingerprint,
    )


def facts() -> Facts:
    """Facts of the change, with git's own idea of the diff."""
    files = (ChangedFile(REVISION, Change.ADDED, hunks=(Hunk(1, 20),)),)
    return replace(case("fail").facts, head=HEAD, files=files)


def failing(*findings: Judged, not_checked: tuple[NotChecked, ...] = ()) -> Verdict:
    """A verdict that fails for these findings."""
    return Verdict(
        Outcome.FAIL,
        "`b2c3` leaves `type public.mood` behind",
        findings,
        not_checked,
        facts(),
    )


def passing() -> Verdict:
    """A verdict on a change that is as it should be."""
    return Verdict(
        Outcome.PASS, "Both revisions go up, down and up again", (), (), replace(CLEAN, head=HEAD)
    )


def skipping() -> Verdict:
    """A verdict on a change that holds no migration."""
    return Verdict(
        Outcome.SKIP, "Nothing to check: no migration changed", (), (), replace(SKIP, head=HEAD)
    )


def in_error() -> Verdict:
    """A verdict on a project that could not be run."""
    unseen = NotChecked("the project", "it did not install", "install it", fatal=True)
    return Verdict(
        Outcome.ERROR, "Not checked: the project", (), (unseen,), replace(CLEAN, head=HEAD)
    )
