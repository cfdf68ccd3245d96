"""The change on rows, through a whole review: the user's, made up ones, none at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.facts import FailureKind
from bot.facts.rows import Origin, RowsSeen, Trait
from bot.policy import Confidence, Severity
from bot.verdict import Verdict
from fixtures.build import build_layers
from fixtures.review import Reviewer

ENVIRONMENT = Path(__file__).parents[3] / "fixtures/environments/plain"
VERSIONS = "migrations/versions"
HEADER = """import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = "{below}"


def upgrade():
    {up}


def downgrade():
    {down}
"""
PLAIN = {
    "alembic.ini": ENVIRONMENT / "alembic.ini",
    "migrations/env.py": ENVIRONMENT / "env.py",
    f"{VERSIONS}/0001_customers.py": ENVIRONMENT / "0001_customers.py",
}
UNIQUE = (
    'op.create_unique_constraint("uq_name", "customers", ["name"])',
    'op.drop_constraint("uq_name", "customers")',
)
SEED = """COPY customers (name) FROM stdin;
Ada Lovelace
Ada Lovelace
\\.
INSERT INTO orders (customer_id) SELECT id FROM customers;
"""


def reviewed(
    reviewer: Reviewer,
    folder: Path,
    *steps: tuple[str, str],
    base: dict[str, str] | None = None,
    **settings: object,
) -> tuple[Verdict, RowsSeen | None]:
    """The verdict on revisions that do these steps, and what was seen on rows."""
    there = {name: path.read_bytes() for name, path in PLAIN.items()}
    there |= {name: text.encode() for name, text in (base or {}).items()}
    head = {
        f"{VERSIONS}/{place:04d}.py": HEADER.format(
            name=f"{place:04d}", below=f"{place - 1:04d}", up=up, down=down
        ).encode()
        for place, (up, down) in enumerate(steps, 2)
    }
    repository = build_layers(folder / "repository", base=there, head=head)
    stated = {key.replace("_", "-"): value for key, value in settings.items()}
    verdict = reviewer.review(repository, settings=stated)
    return verdict, verdict.facts.projects[0].rows


def test_the_user_s_rows_are_the_ground(reviewer: Reviewer, tmp_path: Path) -> None:
    """What they break is certain, and no word of theirs is repeated."""
    configuration = {"seed.sql": SEED, ".db-recheck.toml": 'seed-sql = ["seed.sql"]\n'}
    verdict, seen = reviewed(reviewer, tmp_path, UNIQUE, base=configuration)
    assert seen is not None
    assert seen.seeds == ("seed.sql",)
    assert {item.table: (item.rows, item.origin) for item in seen.filled} == {
        "public.customers": (2, Origin.SEED),
        "public.orders": (2, Origin.SEED),
    }
    assert [item.trait for item in seen.refusals] == [Trait.SEEDED]
    (finding,) = (item for item in verdict.findings if item.policy == "upgrade-fails-on-rows")
    assert (finding.severity.value, finding.confidence.value) == ("block", "observed")
    assert "Lovelace" not in repr(seen)


def test_a_broken_seed_is_told(reviewer: Reviewer, tmp_path: Path) -> None:
    """What could not be taken of it is not checked, and says where; the rest is made up."""
    seed = "INSERT INTO nowhere VALUES (1);\n"
    configuration = {
        "seed.sql": seed,
        ".db-recheck.toml": 'seed-sql = ["seed.sql", "missing.sql"]\n',
    }
    step = (
        'op.add_column("customers", sa.Column("nick", sa.Text))',
        'op.drop_column("customers", "nick")',
    )
    verdict, seen = reviewed(reviewer, tmp_path, step, base=configuration)
    told = {item.what: item.why for item in verdict.not_checked}
    assert "line 1" in told["the rows of seed.sql"]
    assert "no such file" in told["the rows of missing.sql"]
    assert seen is not None
    assert {item.origin for item in seen.filled} == {Origin.INVENTED}
    assert verdict.verdict.value == "pass"


def test_rows_can_be_switched_off(reviewer: Reviewer, tmp_path: Path) -> None:
    """``rows = 0`` without a seed runs nothing on rows."""
    configuration = {".db-recheck.toml": "rows = 0\n"}
    _, seen = reviewed(reviewer, tmp_path, UNIQUE, base=configuration)
    assert seen is None


def test_a_change_that_touches_no_table_needs_no_rows(reviewer: Reviewer, tmp_path: Path) -> None:
    """A new table alone: nothing that holds rows can be hurt."""
    step = (
        'op.create_table("tags", sa.Column("id", sa.BigInteger, primary_key=True))',
        'op.drop_table("tags")',
    )
    _, seen = reviewed(reviewer, tmp_path, step)
    assert seen is not None
    assert not seen.filled
    assert not seen.trips


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_revision_that_loses_is_named(
    reviewer: Reviewer, tmp_path: Path, order: tuple[int, int]
) -> None:
    """Of several revisions that come down together, each answers for its own losses."""
    harmless = ('op.add_column("orders", sa.Column("n", sa.Text))', 'op.drop_column("orders", "n")')
    lossy = (
        "op.execute(\"UPDATE customers SET name = 'x'\")",
        'op.execute("SELECT 1")',
    )
    steps = [(harmless, lossy)[place] for place in order]
    _, seen = reviewed(reviewer, tmp_path, *steps)
    assert seen is not None
    lost = {trip.revision: [loss.columns for loss in trip.losses] for trip in seen.trips}
    guilty = f"{order.index(1) + 2:04d}"
    assert lost == {name: [("name",)] if name == guilty else [] for name in ("0002", "0003")}


def test_statements_are_seen_with_their_rows(reviewer: Reviewer, tmp_path: Path) -> None:
    """Later policies can hold what a statement changed against what the table holds."""
    step = ('op.execute("UPDATE customers SET name = upper(name)")', 'op.execute("SELECT 1")')
    _, seen = reviewed(reviewer, tmp_path, step)
    assert seen is not None
    trip = seen.trip("0002")
    held = seen.table("public.customers")
    assert trip is not None
    assert held is not None
    changed = [
        effect.updated for statement in trip.upgrade.statements for effect in statement.effects
    ]
    assert held.rows in changed


def test_several_refusals_of_one_change_are_all_told(reviewer: Reviewer, tmp_path: Path) -> None:
    """The first failure does not hide the next one."""
    base = (
        'op.add_column("customers", sa.Column("email", sa.Text))',
        'op.drop_column("customers", "email")',
    )
    old = {
        f"{VERSIONS}/0002.py": HEADER.format(name="0002", below="0001", up=base[0], down=base[1])
    }
    there = {name: path.read_bytes() for name, path in PLAIN.items()}
    there |= {name: text.encode() for name, text in old.items()}
    up = (
        'op.alter_column("customers", "email", nullable=False)\n    '
        'op.create_unique_constraint("uq_email", "customers", ["email"])\n    '
        'op.create_check_constraint("ck_email", "customers", "email <> \'\'")'
    )
    down = 'op.execute("SELECT 1")'
    head = {
        f"{VERSIONS}/0003.py": HEADER.format(name="0003", below="0002", up=up, down=down).encode()
    }
    repository = build_layers(tmp_path / "repository", base=there, head=head)
    seen = reviewer.review(repository).facts.projects[0].rows
    assert seen is not None
    assert {item.trait for item in seen.refusals} == {Trait.NULLS, Trait.DUPLICATES, Trait.EMPTY}


def test_a_loop_that_never_ends_is_stopped(reviewer: Reviewer, tmp_path: Path) -> None:
    """It ends at once on empty tables; on rows its time is short, and the policy tells."""
    batch = "UPDATE customers SET name = name WHERE id IN (SELECT id FROM customers LIMIT 9)"
    loop = f'while op.get_bind().execute(sa.text("{batch}")).rowcount:\n        pass'
    verdict, seen = reviewed(reviewer, tmp_path, (loop, "pass"))
    assert seen is not None
    trip = seen.trip("0002")
    assert trip is not None
    assert trip.upgrade.failure is not None
    assert trip.upgrade.failure.kind is FailureKind.TIMEOUT
    assert [item.why for item in verdict.not_checked if "on tables with rows" in item.what] == [
        "the upgrade took longer than 10 s"
    ]
    (finding,) = [item for item in verdict.findings if item.policy.startswith("batches-in")]
    assert finding.confidence is Confidence.OBSERVED
    assert (finding.line, finding.title) == (9, "The loop over `public.customers` does not end")


BACK = (
    'op.alter_column("customers", "name", type_=sa.String(40), nullable=False)\n    '
    'op.create_unique_constraint("uq_customers_name", "customers", ["name"])'
)
STRICT = HEADER.format(
    name="0002", below="0001", up=BACK, down='op.drop_constraint("uq_customers_name", "customers")'
)


def loosening(down: str) -> bytes:
    """A revision that lets names be left out, longer, and the same for two; its way back."""
    up = (
        'op.drop_constraint("uq_customers_name", "customers")\n    '
        'op.create_unique_constraint("uq_customers_both", "customers", ["name", "id"])\n    '
        'op.alter_column("customers", "name", type_=sa.String(80), nullable=True)'
    )
    both = f'op.drop_constraint("uq_customers_both", "customers")\n    {down}'
    return HEADER.format(name="0003", below="0002", up=up, down=both).encode()


@pytest.mark.parametrize(
    ("first", "traits"),
    [
        ("", {Trait.NULLS, Trait.LONG, Trait.DUPLICATES}),
        ("UPDATE customers SET name = '-' WHERE name IS NULL", {Trait.LONG, Trait.DUPLICATES}),
        ("UPDATE customers SET name = left(coalesce(name, '-'), 30) || id", set()),
    ],
)
def test_the_way_back_meets_what_the_new_schema_takes(
    reviewer: Reviewer, tmp_path: Path, first: str, traits: set[Trait]
) -> None:
    """NULLs, longer texts and what may repeat, each told; not what the downgrade takes care of."""
    base = {name: path.read_bytes() for name, path in PLAIN.items()}
    base[f"{VERSIONS}/0002.py"] = STRICT.encode()
    down = (f'op.execute("{first}")\n    ' if first else "") + BACK
    head = {f"{VERSIONS}/0003.py": loosening(down)}
    verdict = reviewer.review(build_layers(tmp_path / "repository", base=base, head=head))
    seen = verdict.facts.projects[0].rows
    assert seen is not None
    assert {item.trait for item in seen.refusals} == traits
    assert {item.columns for item in seen.refusals} == ({("name",)} if traits else set())
    told = [item for item in verdict.findings if item.policy == "downgrade-fails-on-rows"]
    assert {item.severity for item in told} == ({Severity.NOTE} if traits else set())
    assert verdict.not_checked == ()


def test_rows_that_the_way_back_takes_away_are_told(reviewer: Reviewer, tmp_path: Path) -> None:
    """It bears NULLs by deleting what the new release wrote with them."""
    down = (
        'op.execute("DELETE FROM customers WHERE name IS NULL")\n    '
        'op.alter_column("customers", "name", nullable=False)'
    )
    step = ('op.alter_column("customers", "name", nullable=True)', down)
    verdict, seen = reviewed(reviewer, tmp_path, step)
    assert seen is not None
    assert seen.refusals == ()
    (loss,) = [loss for trip in seen.trips for loss in trip.losses]
    assert (loss.table, loss.columns, loss.later) == ("public.customers", (), True)
    assert 0 < loss.gone == loss.rows < loss.compared
    assert [item.policy for item in verdict.findings] == ["rows-lost-on-round-trip"]


def test_revisions_before_one_that_fails_on_rows_are_told_untried(
    reviewer: Reviewer, tmp_path: Path
) -> None:
    """Whether their way back bears rows was not seen: the clone never came down to them."""
    column = ('op.add_column("orders", sa.Column("n", sa.Text))', 'op.drop_column("orders", "n")')
    stuck = (
        'op.drop_column("customers", "name")',
        'op.add_column("customers", sa.Column("name", sa.Text, nullable=False))',
    )
    verdict, seen = reviewed(reviewer, tmp_path, column, stuck)
    assert seen is not None
    assert [item.revision for item in seen.refusals] == ["0003"]
    assert [entry.what for entry in verdict.not_checked] == [
        "what the downgrade of 0002 does to rows"
    ]


def test_revisions_that_came_down_without_the_later_rows_were_tried(
    reviewer: Reviewer, tmp_path: Path
) -> None:
    """Rows from between up and down stop the later one; without them both ways were gone."""
    column = ('op.add_column("orders", sa.Column("n", sa.Text))', 'op.drop_column("orders", "n")')
    down = (
        'op.execute("ALTER TABLE orders ADD CONSTRAINT ck_none CHECK (m IS NULL)")\n    '
        'op.drop_column("orders", "m")'
    )
    picky = ('op.add_column("orders", sa.Column("m", sa.Integer))', down)
    verdict, seen = reviewed(reviewer, tmp_path, column, picky)
    assert seen is not None
    assert [item.trait for item in seen.refusals] == [Trait.LATER]
    assert verdict.not_checked == ()
