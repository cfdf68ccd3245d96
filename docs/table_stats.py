"""docs/table-stats.md: its query is the very text that `db-recheck stats` runs."""

from __future__ import annotations

from pathlib import Path

QUERY = Path(__file__).parents[1] / "bot" / "observe" / "stats.sql"
_PAGE = """\
# Production sizes

<!-- Made by `make docs` from docs/table_stats.py and bot/observe/stats.sql. -->

What a migration does to a table of 500 rows and to one of 50 million is not the same. The setting
`table-stats` names a JSON file in the repository that says how large the tables are:

```json
{
    "public.orders": {"rows": 52000000, "bytes": 9400000000, "writes-per-second": 35.2},
    "public.countries": {"rows": 249, "bytes": 65536}
}
```

```toml
[tool.db-recheck]
table-stats = "ops/table-stats.json"
```

`bytes` is all that a table takes, TOAST and indexes included; `writes-per-second` may be left out.
The file is read from **base**, as every setting is: a pull request cannot make its tables small. A
file that is not of that shape ends the run with exit status 2.

With it:

- findings about locks on tables under `small-table-rows` (10,000) are notes, and say so; a table
  that the file does not name counts as large;
- statements that keep others waiting on larger tables are timed at two sizes, and findings about
  them say how long they take on your rows; `long-migration` reports those above
  `max-blocking-seconds` (5). [estimates.md](estimates.md) says what that is worth. Downgrades are
  timed as well where `check-downgrade-locks` is on, which takes up to 20 s more;
- the policies of the pack `queries` know what your planner would do.

## How to make the file

```sh
db-recheck stats --url postgresql://reader@db.example.org/shop --output ops/table-stats.json
```

It looks in one read-only transaction, with a `statement_timeout` of 30 s, at nothing but catalogues
and statistics; any role may do that. Where the program may not reach the database, `psql` gives the
same with this query:

```sh
psql -XAt -f table-stats.sql postgresql://reader@db.example.org/shop > ops/table-stats.json
```

```sql
{query}
```

The numbers need not be fresh: a factor of two matters to nobody. Refresh the file when tables have
grown by more, by hand or with a scheduled job that opens a pull request.

## Named queries

The setting `queries` names a file of the application's queries, one statement under each name, as
aiosql and sqlc keep them; parameters are `:customer`, `@customer`, `%(customer)s`, `%s` or `$1`:

```sql
-- name: orders_of_customer
SELECT id, status FROM orders WHERE customer = :customer ORDER BY placed_at DESC LIMIT 20;
```

```toml
[tool.db-recheck]
packs = ["queries"]
queries = "app/queries.sql"
table-stats = "ops/table-stats.json"
```

Each is explained, never executed, on base and on the upgraded schema. Both hold the same rows (of
`seed-sql`, else made up), which ANALYZE takes its statistics from, and their files are made to seem
as long as the stated sizes. The plan is the one that holds for all parameters. On a server of yours
(`database-url`) that cannot be done, and the report says so. The change's own file counts, so that
an index may come with the query that needs it; queries that the change takes out are named.
"""


def page() -> str:
    """The page's Markdown."""
    return _PAGE.replace("{query}", QUERY.read_text("utf-8").strip())
