"""Every setting once: its type, default, flag, meaning, and what would weaken the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from bot.settings import kinds, weaker
from bot.settings.kinds import Kind
from bot.settings.own_files import OwnFile
from bot.settings.rules import Rule, rules
from bot.settings.setting import NO_TABLE, Origin, Setting, described, shown_default

REPORT_PARTS = (
    *("summary", "models", "relationships", "migration-path", "indexes", "usage-example"),
    *("back-up", "verification", "follow-up"),
)
"""What ``report-parts`` may name, in the order in which a report shows them."""


@dataclass(frozen=True)
class Settings:
    """All settings of a run, one field per key of the contract (dashes are underscores here).

    ``stated`` says of every setting that was stated where that was; the others hold defaults.
    Durations are in seconds.
    """

    packs: tuple[str, ...] = described(
        kinds.NAMES,
        (),
        "Packs of policies to switch on; `core` is always on.",
        flag="--packs",
        weakened=weaker.dropped,
    )
    preset: str | None = described(
        kinds.TEXT,
        None,
        "A named selection whose policies are switched on in addition to core.",
        flag="--preset",
        weakened=weaker.replaced,
    )
    policies: Mapping[str, str] = described(
        kinds.WEIGHTS,
        NO_TABLE,
        "What a policy weighs: `block`, `warn`, `note`, or `off` to switch it off.",
        shown="the catalogue's",
        weakened=weaker.lighter,
    )
    fail_on: str = described(
        kinds.one_of("block", "warn", "never"),
        "block",
        "The lightest finding that fails the check (exit status 1).",
        flag="--fail-on",
        weakened=weaker.looser,
    )
    strict: bool = described(
        kinds.BOOLEAN,
        default=False,
        help="Whatever could not be checked makes the verdict `error` (exit status 3).",
        flag="--strict",
        weakened=weaker.switched_off,
    )
    projects: tuple[str, ...] = described(
        kinds.PATHS,
        (),
        "Alembic configurations to check: an ini file, a pyproject.toml or a folder with env.py;"
        " `path#section` for one section of several.",
        flag="--project",
        shown="all found",
        weakened=weaker.narrowed,
    )
    database_url: str | None = described(
        kinds.URL,
        None,
        "A scratch PostgreSQL server (13 or newer) to run on. Also read from"
        " `DB_RECHECK_DATABASE_URL`.",
        flag="--database-url",
        shown="none: embedded",
        weakened=weaker.always,
        secret=True,
    )
    shared_server: bool = described(
        kinds.BOOLEAN,
        default=False,
        help="The server behind `database-url` holds more than scratch data; use it nevertheless."
        " Only databases and roles that db-recheck made itself are touched.",
        weakened=weaker.switched_on,
    )
    postgres: int | None = described(
        kinds.MAJOR,
        None,
        "Major version of the embedded server.",
        flag="--postgres",
        shown="the wheel's",
    )
    superuser: bool = described(
        kinds.BOOLEAN,
        default=False,
        help="Run migrations as superuser of the scratch server.",
        weakened=weaker.switched_on,
    )
    extensions: tuple[str, ...] | None = described(
        kinds.NAMES,
        None,
        "Extensions to create before the chain runs.",
        shown="inferred",
    )
    install: str = described(
        Kind("`auto`, `never`, or a command", '"auto", "never" or a command', kinds.TEXT.from_toml),
        "auto",
        "How the target's packages get installed.",
        flag="--install",
        weakened=weaker.less_installed,
    )
    python_version: str | None = described(
        kinds.PYTHON, None, "Python version for the target.", shown="inferred"
    )
    environment: Mapping[str, str] = described(
        kinds.VARIABLES,
        NO_TABLE,
        "Environment variables for the target's env.py; `{url}`, `{host}`, `{port}`, `{user}`,"
        " `{password}` and `{database}` are filled in.",
        secret=True,
    )
    timeout: int = described(
        kinds.SECONDS,
        600,
        "Longest time for the whole run; past it the exit status is 3.",
        flag="--timeout",
    )
    rows: int = described(
        kinds.COUNT,
        100,
        "Rows that are made up for each table that the change can reach; on them it runs a second"
        " time. 0 makes up none.",
        weakened=weaker.lower,
    )
    seed_sql: tuple[str, ...] = described(
        kinds.PATHS,
        (),
        "Files with rows of your own: SQL scripts (`COPY … FROM stdin` included) or dumps in"
        " pg_dump's custom format. They run with the rights of the migrations; tables that they"
        " leave empty get rows that are made up.",
        weakened=weaker.dropped,
    )
    table_stats: str | None = described(
        kinds.PATH,
        None,
        'JSON file with production sizes: `{"schema.table": {"rows": …, "bytes": …,'
        ' "writes-per-second": …}}`.',
        weakened=weaker.always,
    )
    small_table_rows: int = described(
        kinds.COUNT,
        10_000,
        "Under so many rows in `table-stats` a table counts as small: findings about locks on it"
        " are notes.",
        weakened=weaker.higher,
    )
    max_blocking_seconds: float = described(
        kinds.NUMBER,
        5.0,
        "Longest time for which a statement may block others, as estimated with `table-stats`.",
        shown="`5`",
        weakened=weaker.higher,
    )
    check_downgrade_locks: bool = described(
        kinds.BOOLEAN,
        default=False,
        help="Judge the locks of downgrades, too.",
        weakened=weaker.switched_off,
    )
    tenant_column: str = described(
        kinds.TEXT,
        "tenant_id",
        "The column that tells tenants apart. Unless it is stated, `user_id` where the schema knows"
        " users and no tenants.",
        weakened=weaker.always,
    )
    tenant_table: str = described(
        kinds.TEXT,
        "tenants",
        "The table of tenants; `users` where the column is `user_id`.",
        weakened=weaker.always,
    )
    tenant_exempt: tuple[str, ...] = described(
        kinds.NAMES, (), "Tables shared by all tenants.", weakened=weaker.gained
    )
    naming: Mapping[str, str] = described(
        kinds.PATTERNS,
        NO_TABLE,
        "Pattern of names for each kind of object.",
        shown="the metadata's convention, else the catalogue's",
        weakened=weaker.always,
    )
    queries: str | None = described(
        kinds.PATH,
        None,
        "File of named queries (`-- name: orders_by_status`) for the pack `queries`: explained"
        " before and after the change, at the sizes of `table-stats`.",
        weakened=weaker.replaced,
    )
    issue_pattern: str | None = described(
        kinds.PATTERN,
        None,
        "What counts as a reference to an issue.",
        shown="GitHub's own references",
        weakened=weaker.always,
    )
    direct_override: bool = described(
        kinds.BOOLEAN,
        default=False,
        help="Let `[DIRECT]` in the title or the label `db-direct` waive `no-linked-issue`.",
        weakened=weaker.switched_on,
    )
    policy: Mapping[str, Mapping[str, Any]] = described(
        kinds.OPTIONS,
        NO_TABLE,
        "Options of single policies, as each policy's page says.",
        shown="the policy's",
        weakened=weaker.always,
    )
    report_parts: tuple[str, ...] = described(
        kinds.some_of(*REPORT_PARTS),
        (),
        "Further parts of the report: what the change makes, how it is applied, what to verify.",
        shown="the preset's",
    )
    custom: tuple[Rule, ...] = described(
        Kind(
            "tables `[[custom]]`",
            "tables with a `name` in small-letters-and-dashes and one of `required-columns`,"
            " `forbidden-types`, `table-names` or `column-names`; beside them `severity`,"
            " `tables`, `exempt` and `message`",
            rules,
        ),
        (),
        "Policies of your own that need no code: columns that new tables must have, types that new"
        " columns must not have, patterns of names.",
        weakened=weaker.dropped,
    )
    comment: str = described(
        kinds.one_of("always", "on-findings", "never"),
        "always",
        "When the pull request gets a comment.",
    )
    cache: str | None = described(
        kinds.PATH,
        None,
        "Folder for base states that the next run can start from.",
        flag="--cache",
        shown="none; in the Action `cache-dir`",
    )
    trust_head: bool = described(
        kinds.BOOLEAN,
        default=False,
        help="Use the settings of the change itself, even where they weaken the check.",
        weakened=weaker.switched_on,
    )
    stated: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))
    own_files: tuple[OwnFile, ...] = ()  # policies of the tree itself, not of its configuration


@cache
def settings() -> tuple[Setting, ...]:
    """Every setting's description, in the order of the contract."""
    return tuple(
        Setting(
            key=item.name.replace("_", "-"),
            attribute=item.name,
            kind=item.metadata["kind"],
            help=item.metadata["help"],
            default=item.metadata["shown"] or shown_default(getattr(Settings, item.name, NO_TABLE)),
            flag=item.metadata["flag"],
            weaker=item.metadata["weaker"],
            secret=item.metadata["secret"],
        )
        for item in fields(Settings)
        if item.metadata
    )
