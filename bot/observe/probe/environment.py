"""Run env.py (the project's, or the built-in one) with given work to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator

from alembic.runtime.environment import EnvironmentContext

from . import drivers
from .address import scratch_url
from .redirect import NotPostgres

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from .redirect import Redirect


class NeverRan(Exception):
    """env.py ended without running any migrations."""


class Learned:
    """What ``EnvironmentContext.configure`` was told: the answer of ``open`` and drift use it.

    ``tables`` are the version tables in the order of the calls, ``metadata`` the target metadata
    of the first call that gave one (a list), ``options`` that call's options.
    """

    def __init__(self) -> None:
        self.tables: list[dict[str, Any]] = []
        self.metadata: list[Any] = []
        self.options: dict[str, Any] = {}
        self.transaction_per_migration = False

    def install(self) -> None:
        """Wrap ``EnvironmentContext.configure``; once per process."""
        patched: Any = EnvironmentContext  # what follows takes the place of a method
        original = patched.configure
        learned = self

        def configure(context: EnvironmentContext, *args: Any, **kwargs: Any) -> None:
            original(context, *args, **kwargs)
            learned.learn(context.get_context())

        patched.configure = configure

    def learn(self, context: MigrationContext) -> None:
        """Remember one call. Raises NotPostgres for another dialect."""
        if context.dialect.name != "postgresql":
            raise NotPostgres(context.dialect.name)
        table = {"table": context.version_table, "schema": context.version_table_schema}
        if table not in self.tables:
            self.tables.append(table)
        self.transaction_per_migration = bool(context.opts.get("transaction_per_migration"))
        metadata = context.opts.get("target_metadata")
        if metadata is not None and not self.metadata:
            several = isinstance(metadata, (list, tuple))
            self.metadata = list(metadata) if several else [metadata]
            self.options = dict(context.opts)


def create_schemas(names: Iterable[str], connection: Any) -> None:
    """Create those that are not there, and commit."""
    from sqlalchemy import text

    quote = connection.dialect.identifier_preparer.quote
    with connection.begin():
        for name in names:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quote(name)}"))


class Environment:
    """The way in which this project's migrations run.

    ``builtin`` is true for the bot's own environment: one engine, one transaction around all
    revisions, as a freshly generated env.py has it.
    """

    def __init__(
        self,
        config: Config,
        script: ScriptDirectory,
        redirect: Redirect,
        *,
        builtin: bool,
        version_table: str | None = None,
        schema: str | None = None,
    ) -> None:
        self.config = config
        self.script = script
        self.builtin = builtin
        self._redirect = redirect
        self._table: dict[str, Any] = {
            key: value
            for key, value in (("version_table", version_table), ("version_table_schema", schema))
            if value
        }

    def run(
        self,
        work: Callable[[Any, MigrationContext], Any],
        destination: str | None = None,
        **options: Any,
    ) -> None:
        """Call ``work(heads, context)`` where a command of Alembic would compute its steps.

        Raises whatever env.py or the steps raise, and NeverRan.
        """
        called = []

        def fn(heads: Any, context: MigrationContext) -> Any:
            called.append(True)
            return work(heads, context)

        options.update(fn=fn, as_sql=False, destination_rev=destination, tag=None)
        with EnvironmentContext(self.config, self.script, **options) as context:
            if self.builtin:
                self._run_builtin(context)
            else:
                with _working_directory():
                    self.script.run_env()
        if not called:
            raise NeverRan("env.py ended without calling context.run_migrations()")

    def _run_builtin(self, context: EnvironmentContext) -> None:
        self.apart(lambda connection: self._migrate(context, connection))

    def apart(self, work: Callable[[Any], None]) -> None:
        """Call ``work(connection)`` on a connection of our own, past env.py; ``work`` commits."""
        driver = drivers.available(asynchronous=False)
        if driver is not None:
            from sqlalchemy import create_engine

            engine = create_engine(scratch_url(self._redirect.address, driver))
            with engine.connect() as connection:
                work(connection)
            return
        driver = drivers.available(asynchronous=True)
        if driver is None:
            raise ModuleNotFoundError(
                "no PostgreSQL driver is installed (psycopg, psycopg2, asyncpg, pg8000)"
            )
        asyncio.run(self._asynchronously(work, driver))

    async def _asynchronously(self, work: Callable[[Any], None], driver: str) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(scratch_url(self._redirect.address, driver))
        async with engine.connect() as connection:
            await connection.run_sync(work)

    def make_schemas(self, names: list[str]) -> None:
        """Create them, where they are not there."""
        if names:
            self.apart(lambda connection: create_schemas(names, connection))

    def _migrate(self, context: EnvironmentContext, connection: Any) -> None:
        context.configure(connection=connection, target_metadata=None, **self._table)
        with context.begin_transaction():
            context.run_migrations()


@contextlib.contextmanager
def _working_directory() -> Iterator[None]:
    """env.py may change it; the next operation starts where the project's own command does."""
    here = os.getcwd()
    try:
        yield
    finally:
        os.chdir(here)
