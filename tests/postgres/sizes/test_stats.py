"""`db-recheck stats`: production's sizes, read without a way to write."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import psycopg
import pytest

from bot.cli import run
from bot.observe.server.url import placeholders
from bot.observe.stats import QUERY, read
from bot.production import read_sizes
from docs.generate import DOCS
from tests.postgres.sizes.conftest import Shop


def test_command_writes_what_the_setting_reads(shop: Shop, tmp_path: Path) -> None:
    """Rows as the planner counts them, or the statistics; a partitioned table is its parts."""
    with shop.server.connect_as_owner(shop.database) as connection:
        connection.execute("ANALYZE customers")
        connection.execute("SELECT pg_catalog.pg_stat_force_next_flush()")
    out, err = io.StringIO(), io.StringIO()
    url = placeholders(shop.server.address(shop.database))["url"]
    words = ["stats", "--url", url, "--output", "sizes.json"]
    assert run(words, {}, tmp_path, out, err) == 0, err.getvalue()
    found = {size.table: size for size in read_sizes("s", (tmp_path / "sizes.json").read_bytes())}
    assert found["public.customers"].rows == 200
    assert found["public.customers"].bytes >= 3 * 8192
    parts = [found[f"public.visits_{year}"] for year in (2025, 2026)]
    assert found["public.visits"].bytes == sum(part.bytes for part in parts)
    assert found["public.visits"].rows == sum(part.rows for part in parts) == 200
    assert all(size.writes_per_second is not None for size in found.values())


def test_psql_gets_the_same_from_the_page() -> None:
    """The page's sample is the text that the command runs, in one statement."""
    page = (DOCS / "table-stats.md").read_text("utf-8")
    sample, _ = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert sample.strip() == QUERY.read_text("utf-8").strip()


def test_session_cannot_write(shop: Shop) -> None:
    """Whatever the query would do, the transaction it runs in is read-only and is rolled back."""
    with psycopg.connect(placeholders(shop.server.address(shop.database))["url"]) as connection:
        connection.execute(
            "CREATE FUNCTION pg_temp.write() RETURNS int LANGUAGE sql AS"
            " 'DELETE FROM public.lines RETURNING 1'"
        )
        connection.commit()
        assert json.loads(read(connection))
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        connection.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("SELECT pg_temp.write()")


@pytest.mark.parametrize(
    "url", ["postgresql://ada:secret@127.0.0.1:1/shop", "mysql://ada:secret@h/x", "secret"]
)
def test_what_cannot_be_reached_is_said_without_the_password(url: str, tmp_path: Path) -> None:
    """A plain sentence and exit status 2."""
    out, err = io.StringIO(), io.StringIO()
    assert run(["stats", "--url", url], {}, tmp_path, out, err) == 2
    assert err.getvalue().startswith("db-recheck: error: ")
    assert "secret" not in err.getvalue()
    assert not out.getvalue()
