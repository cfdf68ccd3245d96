"""Eight verdicts, judged from facts written by hand, that every report renders."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import (
    BaseBuilt,
    BaseState,
    Chain,
    Change,
    ChangedRevision,
    Check,
    Difference,
    Direction,
    Effect,
    Facts,
    Failure,
    FailureKind,
    NotChecked,
    Postgres,
    Project,
    Revision,
    RoundTrip,
    Seen,
    Source,
    State,
    Statement,
    Step,
)
from bot.judge import judge
from bot.verdict import Judging, Verdict
from tests.unit.report.stand_ins import POLICIES

VERSIONS = "backend/migrations/versions"
OK = Step(State.OK, duration_ms=3.0)
GOOD = RoundTrip(OK, OK, OK)
MOOD = Difference("type", "public.mood", None, "enum ('happy', 'sad')")
SOURCE = '''"""add mood

Revision ID: b2c3
"""
import sqlalchemy as sa
from alembic import op

revision = "b2c3"
down_revision = "a1b2"

mood = sa.Enum("happy", "sad", name="mood")


def upgrade():
    mood.create(op.get_bind())
    op.add_column("users", sa.Column("mood", mood))


def downgrade():
    op.drop_column("users", "mood")
'''
DROP = Statement(
    Direction.DOWNGRADE,
    "ALTER TABLE users DROP COLUMN mood",
    f"{VERSIONS}/b2c3_add_mood.py",
    20,
    0.9,
    1,
    effects=(Effect("public.users", locks=("AccessExclusiveLock",)),),
    seen=Seen.TRANSACTION,
)


def revision(name: str, message: str, trip: RoundTrip = GOOD) -> ChangedRevision:
    """An added revision with that round trip."""
    path = f"{VERSIONS}/{name}_{message.replace(' ', '_')}.py"
    return ChangedRevision(name, path, Change.ADDED, ("a1b2",), message, round_trip=trip)


def project(*revisions: ChangedRevision) -> Project:
    """A project whose change adds those revisions."""
    base = Chain((Revision("a1b2", f"{VERSIONS}/a1b2_start.py"),), ("a1b2",))
    added = tuple(Revision(item.revision, item.path, ("a1b2",)) for item in revisions)
    return Project(
        config="backend/alembic.ini",
        script_location="backend/migrations",
        assumed=("POSTGRES_HOST", "SECRET_KEY"),
        base=base,
        head=Chain(base.revisions + added, tuple(item.revision for item in added[-1:])),
        base_state=BaseState(BaseBuilt.CHAIN),
        revisions=revisions,
        checks=(
            Check("round trip", "passed"),
            Check("fresh install", "skipped", "old revisions stay"),
        ),
    )


CLEAN = Facts(
    base="1f" * 20,
    head="2e" * 20,
    base_name="main",
    merge="3d" * 20,
    postgres=Postgres("18.1", "embedded", ("uuid-ossp",)),
    projects=(project(revision("b2c3", "add mood"), revision("c3d4", "add age")),),
    timings_ms={"total": 1432.1, "base": 310.0, "round_trip": 88.5},
)
LEFT = RoundTrip(
    OK, Step(State.OK, statements=(DROP,)), Step(State.SKIPPED), residue=(MOOD,), unequal=()
)
REFUSED = Step(
    State.FAILED,
    Failure(
        FailureKind.DATABASE,
        'column "email" of relation "users" contains null values',
        "NotNullViolation",
        "23502",
        "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
        f"{VERSIONS}/c3d4_require_email.py",
        14,
    ),
)
ADD_MOOD = replace(
    revision("b2c3", "add mood", LEFT), anchors=replace(revision("", "").anchors, downgrade=20)
)
FAIL = replace(
    CLEAN,
    head="worktree",
    projects=(
        project(
            ADD_MOOD,
            revision("c3d4", "require email", RoundTrip(REFUSED)),
            revision("d4e5", "update"),
        ),
    ),
    sources=(Source(f"{VERSIONS}/b2c3_add_mood.py", SOURCE, None),),
    not_checked=(
        NotChecked(
            "the way back of `c3d4`",
            "its upgrade failed",
            "fix the upgrade, then this is checked too",
            project="backend/alembic.ini",
        ),
    ),
)
ERROR = replace(
    CLEAN,
    postgres=None,
    projects=(),
    not_checked=(
        NotChecked(
            "the project backend/alembic.ini",
            "its dependencies could not be installed: No matching distribution for acme-auth==4",
            "set `install` to a command that installs them, or to `never`",
            fatal=True,
        ),
    ),
)
SKIP = replace(
    CLEAN,
    postgres=None,
    projects=(),
    nothing="no migration, model, Alembic environment or setting of db-recheck changed.",
    timings_ms={"total": 61.0},
)
CONFLICT = replace(
    CLEAN, merge=None, conflicts=("backend/models/user.py",), sandbox="reduced: no landlock"
)
FORK = Chain((Revision("a1", "a1.py"), Revision("a2", "a2.py")), ("a1", "a2"))
WAIVED = replace(
    FAIL,
    projects=(replace(project(ADD_MOOD), base=FORK, head=FORK),),
    not_checked=(),
    sources=(
        Source(
            f"{VERSIONS}/b2c3_add_mood.py",
            SOURCE.replace(
                '    op.drop_column("users", "mood")',
                "    # db-recheck: allow downgrade-residue: the type is shared, #12 removes it\n"
                '    op.drop_column("users", "mood")  # db-recheck: allow failing-upgrade: it was',
            ),
            None,
        ),
    ),
)
MANY = replace(
    CLEAN,
    projects=(
        project(
            *(
                replace(
                    revision(f"r{number:04}", "update", replace(GOOD, residue=(MOOD,))),
                    path=f"{VERSIONS}/r{number:04}_update.py",
                )
                for number in range(300)
            )
        ),
    ),
)
EVIL = (
    "<img src=x onerror=alert(1)> [click](https://evil.example) ![i](http://evil.example/i.png) "
    "@octocat #1 GH-2 www.evil.example `tick` ``` | \x1b[31mred\x1b[0m \u202egnp.exe "
    "&lt;b&gt; &#64;all\n::set-output name=x::y\n##[error]boom\n```\n</details>\n# heading\r"
    + "long"
    * 2500
)
HOSTILE = replace(
    CLEAN,
    base_name=EVIL,
    postgres=Postgres(EVIL, "service", (EVIL,)),
    sandbox=EVIL,
    projects=(
        replace(
            project(
                replace(
                    revision(
                        "x", EVIL, replace(GOOD, residue=(replace(MOOD, name=EVIL, after=EVIL),))
                    ),
                    revision=EVIL,
                    path=EVIL,
                ),
                replace(
                    revision(
                        "y",
                        "",
                        RoundTrip(
                            replace(
                                REFUSED,
                                failure=Failure(
                                    FailureKind.DATABASE, EVIL, EVIL, EVIL, EVIL, EVIL, 3
                                ),
                            )
                        ),
                    ),
                    path=EVIL,
                ),
            ),
            config=EVIL,
            environment="builtin",
            environment_note=EVIL,
            assumed=(EVIL,),
        ),
    ),
    sources=(Source(EVIL, EVIL, None),),
    not_checked=(NotChecked(EVIL, EVIL, EVIL),),
)

FACTS = {
    "clean": CLEAN,
    "skip": SKIP,
    "fail": FAIL,
    "error": ERROR,
    "conflict": CONFLICT,
    "waived": WAIVED,
    "many": MANY,
    "hostile": HOSTILE,
}


def verdict(name: str) -> Verdict:
    """The verdict on that case by the policies above."""
    return judge(FACTS[name], Judging(), POLICIES)
