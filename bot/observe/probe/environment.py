"""Run env.py (the project's, or the built-in one) with given work to do."""

from __future__ import annotations

import asyncio
import contextlib
import os

from alembic.runtime.environment import EnvironmentContext

from . import drivers
from .redirect import NotPostgres, scratch_url


class NeverRan(Exception):
    """env.py ended without running any migrations."""


class Learned:
    """What ``EnvironmentContext.configure`` was told: the answer of ``open`` and drift use it.

    ``tables`` are the version tables in the order of the calls, ``metadata`` the target metadata
    of the first call that gave one (a list), ``options`` that call's options.
    """

    def __init__(self):
        self.tables = []
        self.metadata = []
        self.options = {}
        self.transaction_per_migration = False

    def install(self):
        """Wrap ``EnvironmentContext.configure``; once per process."""
        original = EnvironmentContext.configure
        learned = self

        def configure(context, *args, **kwargs):
            original(context, *args, **kwargs)
            learned.learn(context.get_context())

        EnvironmentContext.configure = configure

    def learn(self, context):
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


class Environment:
    """The way in which this project's migrations run.

    ``builtin`` is true for the bot's own environment: one engine, one transaction around all
    revisions, as a freshly generated env.py has it.
    """

    def __init__(self, config, script, redirect, *, builtin, version_table=None, schema=None):
        self.config = config
        self.script = script
        self.builtin = builtin
        self._redirect = redirect
        self._table = {
            key: value
            for key, value in (("version_table", version_table), ("version_table_schema", schema))
            if value
        }

    def run(self, work, destination=None, **options):
        """Call ``work(heads, context)`` where a command of Alembic would compute its steps.

        Raises whatever env.py or the steps raise, and NeverRan.
        """
        called = []

        def fn(heads, context):
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

    def _run_builtin(self, context):
        driver = drivers.available(asynchronous=False)
        if driver is not None:
            from sqlalchemy import create_engine

            engine = create_engine(scratch_url(self._redirect.address, driver))
            with engine.connect() as connection:
                self._migrate(context, connection)
            return
        driver = drivers.available(asynchronous=True)
        if driver is None:
            raise ModuleNotFoundError(
                "no PostgreSQL driver is installed (psycopg, psycopg2, asyncpg, pg8000)"
            )
        asyncio.run(self._run_asynchronously(context, driver))

    async def _run_asynchronously(self, context, driver):
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(scratch_url(self._redirect.address, driver))
        async with engine.connect() as connection:
            await connection.run_sync(lambda inner: self._migrate(context, inner))

    def _migrate(self, context, connection):
        context.configure(connection=connection, target_metadata=None, **self._table)
        with context.begin_transaction():
            context.run_migrations()


@contextlib.contextmanager
def _working_directory():
    """env.py may change it; the next operation starts where the project's own command does."""
    here = os.getcwd()
    try:
        yield
    finally:
        os.chdir(here)
