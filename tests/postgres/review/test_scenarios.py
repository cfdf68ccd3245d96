"""Histories as real repositories have them: each runs, and what is odd about it is told."""

from __future__ import annotations

from tests.postgres.review.conftest import Repository, revision

ENUM = "op.execute(\"CREATE TYPE mood AS ENUM ('a')\")"
ADD = revision(
    "b2", "a1", 'op.add_column("t", sa.Column("n", sa.Integer))', 'op.drop_column("t", "n")'
)


def test_a_chain_without_a_first_revision_starts_from_the_models(repository: Repository) -> None:
    """The tables that create_all() once made come from base's metadata."""
    repository.git("rm", "-q", "-r", "migrations/versions")
    env = (repository.root / "migrations/env.py").read_text()
    repository.write(
        {
            "models.py": "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
            'sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True),'
            ' sa.Column("old", sa.Integer))\n',
            "migrations/env.py": "import sys; sys.path.insert(0, '.')\n"
            "from models import metadata\n"
            + env.replace("target_metadata=None", "target_metadata=metadata"),
        }
    )
    repository.revisions(revision("a1", None, 'op.add_column("t", sa.Column("old", sa.Integer))'))
    repository.branch()
    repository.revisions(ADD)
    seen = repository.review()
    assert [item.partition(" ")[0] for item in seen.findings] == [
        "migration-without-model-change",  # the models do not state what the revision adds
        "no-lock-timeout",
    ], seen.unseen
    assert seen.report["projects"][0]["revisions"][0]["round_trip"]["reupgrade"] == "ok"


def test_a_chain_whose_oldest_revision_no_longer_runs_starts_from_the_models(
    repository: Repository,
) -> None:
    """An error of Python's in a revision that every installation has behind it."""
    env = (repository.root / "migrations/env.py").read_text()
    repository.git("rm", "-q", "-r", "migrations/versions")
    repository.write(
        {
            "models.py": "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
            'sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))\n',
            "migrations/env.py": "import sys; sys.path.insert(0, '.')\n"
            "from models import metadata\n"
            + env.replace("target_metadata=None", "target_metadata=metadata"),
        }
    )
    repository.revisions(revision("a1", None, "op.create_table('t', sa.NoLongerThere())"))
    repository.branch()
    repository.revisions(ADD)
    seen = repository.review()
    assert "NoLongerThere" in seen.unseen
    assert "base's models describe" in seen.unseen
    assert seen.report["projects"][0]["revisions"][0]["round_trip"]["reupgrade"] == "ok"


def test_what_the_models_lack_of_the_chain_is_no_fault_of_the_change(
    repository: Repository,
) -> None:
    """Base's models stand in for its chain; a table made by hand in a revision is in none."""
    env = (repository.root / "migrations/env.py").read_text()
    repository.git("rm", "-q", "-r", "migrations/versions")
    repository.write(
        {
            "models.py": "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
            'sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))\n',
            "migrations/env.py": "import sys; sys.path.insert(0, '.')\n"
            "from models import metadata\n"
            + env.replace("target_metadata=None", "target_metadata=metadata"),
        }
    )
    repository.revisions(
        revision("a1", None, 'op.add_column("t", sa.Column("old", sa.Integer))'),
        revision("a2", "a1", 'op.execute("CREATE TABLE by_hand (id int PRIMARY KEY)")'),
    )
    repository.branch()
    add = 'op.add_column("{}", sa.Column("n", sa.Integer))'
    repository.revisions(revision("b2", "a2", add.format("by_hand"), "pass"))
    seen = repository.review()
    assert seen.status == 3
    assert "it needs `by_hand`" in seen.unseen
    assert "failing-upgrade" not in str(seen.findings)

    repository.revisions(revision("b2", "a2", add.format("nowhere"), "pass"))
    seen = repository.review()
    assert "failing-upgrade" in str(seen.findings), seen.unseen


def test_what_an_administrator_made_once_is_made_for_base(repository: Repository) -> None:
    """Roles and a schema that base takes for granted: made, and said among what was assumed."""
    repository.revisions(
        revision(
            "b2",
            "a1",
            'op.execute("CREATE TABLE billing.bills (id int)")'
            '; op.execute("GRANT SELECT ON billing.bills TO reporting")'
            '; op.execute("ALTER TABLE t OWNER TO \\"the app\\"")'
            '; op.execute("CREATE SCHEMA old"); op.execute("CREATE TABLE old.x (id int)")'
            '; op.execute("ALTER TABLE old.x OWNER TO reporting")',
            "pass",
        )
    )
    repository.branch()
    repository.revisions(
        revision(
            "c3",
            "b2",
            'op.execute("CREATE TABLE billing.lines (id int PRIMARY KEY)")'
            '; op.execute("GRANT SELECT ON billing.lines TO reporting")',
            'op.execute("DROP TABLE billing.lines")',
        )
    )
    seen = repository.review()
    project = seen.report["projects"][0]
    assert seen.status != 3, seen.unseen
    assert project["revisions"][0]["round_trip"]["reupgrade"] == "ok"
    assert {"schema billing", "role reporting", "role the app"} <= set(project["assumed"])
    assert "all rights of these roles on schemas" in project["assumed"]


def test_a_chain_that_fails_by_itself_is_an_error(repository: Repository) -> None:
    """Nothing of the change was seen: exit status 3, with the database's words."""
    repository.revisions(revision("b2", "a1", 'op.execute("SELECT 1 / 0")'))
    repository.branch()
    repository.revisions(revision("c3", "b2", 'op.execute("CREATE TABLE c (id int)")'))
    seen = repository.review()
    assert seen.status == 3
    assert "division by zero" in seen.unseen


def test_a_change_that_mends_the_chain_runs_from_scratch(repository: Repository) -> None:
    """The merged chain is tried where base's own cannot run."""
    repository.revisions(revision("b2", "a1", 'op.execute("SELECT 1 / 0")'))
    repository.branch()
    repository.revisions(
        revision("b2", "a1", 'op.execute("SELECT 1")'),
        revision(
            "c3", "b2", 'op.add_column("t", sa.Column("n", sa.Integer))', 'op.drop_column("t", "n")'
        ),
    )
    seen = repository.review()
    trips = {
        item["revision"]: item["round_trip"] for item in seen.report["projects"][0]["revisions"]
    }
    assert trips["c3"]["reupgrade"] == "ok"
    assert "run from scratch" in seen.unseen


def test_revisions_after_a_failing_one_are_not_run(repository: Repository) -> None:
    """They are told as not run, not as fine."""
    repository.branch()
    repository.revisions(
        revision("b2", "a1", 'op.execute("SELECT nonsense")'),
        revision(
            "c3", "b2", 'op.create_table("c", sa.Column("id", sa.Integer))', 'op.drop_table("c")'
        ),
    )
    seen = repository.review()
    assert seen.status == 1
    assert "c3" in seen.unseen
    trips = {
        item["revision"]: item["round_trip"] for item in seen.report["projects"][0]["revisions"]
    }
    assert trips["c3"]["upgrade"] == "skipped"


def test_one_bad_downgrade_does_not_spoil_the_next_revision(repository: Repository) -> None:
    """After residue the database is made anew, so that the next one is judged by itself."""
    repository.branch()
    repository.revisions(
        revision("b2", "a1", ENUM, "op.execute('SELECT 1')"),
        revision(
            "c3",
            "b2",
            'op.create_table("c", sa.Column("id", sa.Integer, primary_key=True))',
            'op.drop_table("c")',
        ),
    )
    seen = repository.review()
    trips = {
        item["revision"]: item["round_trip"] for item in seen.report["projects"][0]["revisions"]
    }
    assert trips["b2"]["residue"] == ["type public.mood"]
    assert trips["b2"]["reupgrade"] == "failed"
    assert trips["c3"] == {**trips["c3"], "upgrade": "ok", "downgrade": "ok", "reupgrade": "ok"}
    assert trips["c3"]["residue"] == []


def test_a_role_of_base_and_one_of_the_change(repository: Repository) -> None:
    """Roles are cluster-wide: base's is there, and the change's own is residue."""
    repository.revisions(revision("b2", "a1", 'op.execute("CREATE ROLE base_app")'))
    repository.branch()
    repository.revisions(
        revision("c3", "b2", 'op.execute("CREATE ROLE head_app")', "op.execute('SELECT 1')")
    )
    seen = repository.review()
    trip = seen.report["projects"][0]["revisions"][0]["round_trip"]
    assert trip["upgrade"] == "ok"
    assert any("head_app" in item for item in trip["residue"])


def test_several_heads_merges_and_dependencies(repository: Repository) -> None:
    """Two branches with labels, one depending on the other, joined by the change."""
    repository.revisions(
        revision("b2", "a1", 'op.execute("CREATE TABLE b (id int)")', 'op.drop_table("b")'),
        revision("x1", None, 'op.execute("CREATE TABLE x (id int)")', 'op.drop_table("x")').replace(
            "down_revision = None", 'down_revision = None\nbranch_labels = ("side",)'
        ),
    )
    repository.branch()
    repository.revisions(
        revision(
            "x2",
            "x1",
            'op.execute("ALTER TABLE x ADD n int")',
            'op.execute("ALTER TABLE x DROP n")',
        ).replace("down_revision = 'x1'", 'down_revision = "x1"\ndepends_on = "b2"'),
        revision("m1", None, "pass").replace("= None", '= ("b2", "x2")'),
    )
    seen = repository.review()
    assert seen.status == 0, (seen.findings, seen.unseen)
    trips = {
        item["revision"]: item["round_trip"] for item in seen.report["projects"][0]["revisions"]
    }
    assert trips["x2"]["reupgrade"] == "ok"
    assert trips["m1"]["upgrade"] == "ok"


def test_two_environments_are_two_projects(repository: Repository) -> None:
    """Each is reviewed, and only those that the change concerns."""
    env = (repository.root / "migrations/env.py").read_text()
    second = {
        "other/alembic.ini": "[alembic]\nscript_location = steps\nsqlalchemy.url = postgresql+psycopg:///\n",
        "other/steps/env.py": env,
        "other/steps/versions/z1_.py": revision(
            "z1", None, 'op.execute("CREATE TABLE z (id int)")', 'op.drop_table("z")'
        ),
    }
    repository.write(second)
    repository.branch()
    repository.write(
        {
            "other/steps/versions/z2_.py": revision(
                "z2",
                "z1",
                'op.execute("ALTER TABLE z ADD n int")',
                'op.execute("ALTER TABLE z DROP n")',
            )
        }
    )
    assert [item["config"] for item in repository.review().report["projects"]] == [
        "other/alembic.ini"
    ]
    repository.revisions(ADD)
    seen = repository.review()
    assert [item["config"] for item in seen.report["projects"]] == [
        "alembic.ini",
        "other/alembic.ini",
    ]
    assert seen.status == 0, (seen.findings, seen.unseen)


def test_a_package_that_nobody_declares_and_base_wants_too(repository: Repository) -> None:
    """It comes from elsewhere; what the change itself forgets to declare is its mistake."""
    env = (repository.root / "migrations/env.py").read_text()
    repository.write({"migrations/env.py": "import no_such_library\n" + env})
    repository.revisions(revision("a1", None, 'op.execute("CREATE TABLE t (id int)")'))
    repository.branch()
    repository.revisions(ADD)
    seen = repository.review("--install", "auto")
    (project,) = seen.report["projects"]
    assert project["environment"] == "project", project
    assert "something in place of the module no_such_library" in project["assumed"]
    assert project["revisions"][0]["round_trip"]["reupgrade"] == "ok"

    repository.write({"migrations/env.py": "import no_such_library, another_one\n" + env})
    repository.revisions(ADD)
    seen = repository.review("--install", "auto")
    assert "failing-upgrade" in str(seen.findings), seen.unseen
