"""A whole review with production's sizes and queries stated: what is told where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.settings import SettingsError
from bot.verdict import Verdict
from fixtures.build import CASES, VERSIONS, build_layers, environment_files
from fixtures.review import Reviewer

START_SQL = CASES / "plan_regressed" / "start.sql"
DROPPED = CASES / "plan_regressed" / "bad.py"
SIZES = b'{"public.orders": {"rows": 50000000, "bytes": 9000000000}}'
QUERY = b"-- name: one\nSELECT id FROM orders WHERE customer = :customer;\n"
NOTHING: Mapping[str, bytes] = {}
BOTH = b'table-stats = "sizes.json"\nqueries = "app/queries.sql"\n'


def verdict(
    reviewer: Reviewer,
    folder: Path,
    files: Mapping[str, bytes],
    head: Mapping[str, bytes] = NOTHING,
) -> Verdict:
    """The review of a dropped index, on a main branch with these files."""
    stand = {
        path: source.read_bytes() for path, source in environment_files("plain", START_SQL).items()
    }
    change = {f"{VERSIONS}/0002_dropped.py": DROPPED.read_bytes(), **head}
    repository = build_layers(folder, base={**stand, **files}, head=change)
    return reviewer.review(repository, also=("plan-regressed", "index-never-used"))


def unseen(found: Verdict) -> str:
    """What was not checked, and why."""
    return "\n".join(f"{entry.what}: {entry.why} {entry.do}" for entry in found.not_checked)


def test_queries_without_sizes_are_not_explained(reviewer: Reviewer, tmp_path: Path) -> None:
    """And the report says what to do."""
    files = {".db-recheck.toml": b'queries = "app/queries.sql"\n', "app/queries.sql": QUERY}
    found = verdict(reviewer, tmp_path, files)
    assert "State their sizes in `table-stats`" in unseen(found)
    assert found.verdict.value == "pass"


def test_query_that_fails_after_the_change_is_told(reviewer: Reviewer, tmp_path: Path) -> None:
    """With PostgreSQL's reason and its place; the others are explained all the same."""
    text = QUERY + b"-- name: two\nSELECT colour FROM orders;\n"
    files = {".db-recheck.toml": BOTH, "sizes.json": SIZES, "app/queries.sql": text}
    found = verdict(reviewer, tmp_path, files)
    assert "the query two (app/queries.sql:3)" in unseen(found)
    assert "colour" in unseen(found)
    assert {item.policy for item in found.findings} == {"plan-regressed"}


def test_change_cannot_make_its_tables_small(reviewer: Reviewer, tmp_path: Path) -> None:
    """Base's file holds, whatever the change writes into it."""
    files = {".db-recheck.toml": BOTH, "sizes.json": SIZES, "app/queries.sql": QUERY}
    head = {"sizes.json": b'{"public.orders": {"rows": 1, "bytes": 8192}}'}
    found = verdict(reviewer, tmp_path, files, head)
    assert [size.rows for size in found.facts.sizes] == [50_000_000]
    assert {item.policy for item in found.findings} == {"plan-regressed"}


def test_wrong_file_ends_the_run(reviewer: Reviewer, tmp_path: Path) -> None:
    """A configuration error, with what to do about it."""
    files = {".db-recheck.toml": BOTH, "sizes.json": b"{}, {}", "app/queries.sql": QUERY}
    with pytest.raises(SettingsError, match=r"sizes\.json:1: is not JSON.*db-recheck stats"):
        verdict(reviewer, tmp_path, files)


def test_without_sizes_nothing_is_measured(reviewer: Reviewer, tmp_path: Path) -> None:
    """A run that states none costs nothing more."""
    found = verdict(reviewer, tmp_path, {})
    assert "sizes" not in found.facts.timings_ms
    (project,) = found.facts.projects
    assert (project.measured, project.plans) == ((), ())


LOOP = b"""from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for (key,) in op.get_bind().exec_driver_sql("SELECT id FROM orders").fetchall():
        op.execute(f"UPDATE orders SET status = 'x' WHERE id = {key}")
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_placed_at", "orders")
"""


def test_loop_over_rows_is_not_measured(reviewer: Reviewer, tmp_path: Path) -> None:
    """A hundred thousand statements would keep the review for minutes: said, not tried."""
    files = {".db-recheck.toml": b'table-stats = "sizes.json"\n', "sizes.json": SIZES}
    found = verdict(reviewer, tmp_path, files, {f"{VERSIONS}/0002_dropped.py": LOOP})
    assert "0002 runs more statements the more rows there are" in unseen(found)
    assert "long-migration" not in {item.policy for item in found.findings}
    assert "index-built-while-writes-blocked" in {item.policy for item in found.findings}


SEED = b"""INSERT INTO orders (customer, status, placed_at)
SELECT n, repeat(md5(n::text), 8), now() FROM generate_series(1, 60) AS n;
"""
INDEX = b"""from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_placed_at", "orders")
"""


def test_estimates_stand_on_the_user_s_rows(reviewer: Reviewer, tmp_path: Path) -> None:
    """Rows that are multiplied are as wide as those of ``seed-sql``, where it has some."""
    widths = []
    for name, files in (("plain", NOTHING), ("seeded", {"seed.sql": SEED})):
        text = b'table-stats = "sizes.json"\n' + (b'seed-sql = ["seed.sql"]\n' if files else b"")
        stated = {".db-recheck.toml": text, "sizes.json": SIZES, **files}
        head = {f"{VERSIONS}/0002_dropped.py": INDEX}
        found = verdict(reviewer, tmp_path / name, stated, head)
        (measured,) = found.facts.projects[0].measured
        widths.append(measured.points[0].bytes / measured.points[0].rows)
    assert widths[1] > widths[0] + 200


LOUD = b"""import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("orders", sa.Column("shouted", sa.Boolean, server_default=sa.true()))


def downgrade() -> None:
    op.execute("UPDATE orders SET status = upper(status)")
    op.alter_column("orders", "status", existing_type=sa.Text, type_=sa.String(400))
    op.drop_column("orders", "shouted")
"""
NOT_BACK = b"""from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_placed_at", "orders")
"""


def costs(found: Verdict) -> set[tuple[str, str, int, str]]:
    """What was measured: revision, direction, place, and the work."""
    (project,) = found.facts.projects
    return {
        (item.revision, item.direction.value, item.statement, item.work.value)
        for item in project.measured
    }


@pytest.mark.parametrize("asked", [True, False])
def test_downgrades_are_measured_where_their_locks_are_judged(
    reviewer: Reviewer, tmp_path: Path, *, asked: bool
) -> None:
    """Rows that a downgrade writes and tables that it rewrites; without the setting nothing."""
    stated = b'table-stats = "sizes.json"\ncheck-downgrade-locks = ' + str(asked).lower().encode()
    files = {".db-recheck.toml": stated + b"\n", "sizes.json": SIZES}
    head = {f"{VERSIONS}/0002_dropped.py": LOUD, f"{VERSIONS}/0003_index.py": NOT_BACK}
    found = verdict(reviewer, tmp_path, files, head)
    up = {("0003", "upgrade", 0, "index build")}
    down = {("0002", "downgrade", 0, "rows written"), ("0002", "downgrade", 1, "rewrite")}
    assert costs(found) == up | (down if asked else set())
    lines = {item.line for item in found.findings if item.policy == "long-migration"}
    assert lines == ({8, 14} if asked else {8})
    (project,) = found.facts.projects
    for item in project.measured:
        assert [point.rows for point in item.points] == [20_000, 100_000]
        assert item.points[0].ms < item.points[1].ms
    assert "blocks production" not in unseen(found)


BACK = b"""from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])


def downgrade() -> None:
    for (key,) in op.get_bind().exec_driver_sql("SELECT id FROM orders").fetchall():
        op.execute(f"UPDATE orders SET status = 'x' WHERE id = {key}")
    op.create_check_constraint("ck_orders_status", "orders", "status <> ''")
    op.drop_index("ix_orders_placed_at", "orders")
"""


def test_loop_in_a_downgrade_leaves_the_upgrade_measured(
    reviewer: Reviewer, tmp_path: Path
) -> None:
    """What would take minutes is said, not tried."""
    stated = b'table-stats = "sizes.json"\ncheck-downgrade-locks = true\n'
    files = {".db-recheck.toml": stated, "sizes.json": SIZES}
    found = verdict(reviewer, tmp_path, files, {f"{VERSIONS}/0002_dropped.py": BACK})
    assert costs(found) == {("0002", "upgrade", 0, "index build")}
    assert "how long its downgrade blocks production: 0002 runs more statements" in unseen(found)
