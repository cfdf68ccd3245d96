"""What env.py imports, connects to and configures is as it is for Alembic's own command."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("imported", [False, True])
def test_whose_fault(client: Any, repository: Any, *, imported: bool) -> None:
    """What env.py's own lines raise is told apart from what a file that it imports does."""
    raising = "raise OverflowError('nobody knows')"
    repository.write("app/settings.py", raising + "\n")
    repository.environment("import app.settings" if imported else raising, "''")
    opened = client.open()
    assert (opened["environment"], opened["own_fault"]) == ("builtin", not imported)


def test_version_table_in_a_schema_of_the_models(client: Any, repository: Any) -> None:
    """create_all makes the schemas first: env.py's search path may name no other."""
    repository.write(
        "migrations/env.py",
        "from alembic import context\n"
        "from sqlalchemy import Column, Integer, MetaData, Table, create_engine, text\n"
        "metadata = MetaData()\n"
        "Table('t', metadata, Column('id', Integer), schema='core')\n"
        "with create_engine('postgresql+psycopg://h/d').connect() as connection:\n"
        "    with connection.begin():\n"
        "        connection.execute(text('SET search_path TO core'))\n"
        "    context.configure(connection=connection, target_metadata=metadata)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n",
    )
    repository.revision("a1")
    assert client.open()["environment"] == "project"
    made = client.ask("create_all", database=client.database)
    assert made["ok"], made


def test_module_elsewhere_in_the_tree(client: Any, repository: Any) -> None:
    """A module that lies elsewhere in the tree is found; the folder is told."""
    repository.write("services/lib/shared/__init__.py", "")
    repository.write("services/lib/shared/models.py", "URL = 'postgresql+psycopg://h/d'\n")
    repository.environment("from shared.models import URL", "URL")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == ["services/lib on sys.path"]


def test_module_that_shares_a_librarys_name(client: Any, repository: Any) -> None:
    """app/auth/no_such_library.py imports the library, not itself."""
    repository.write("app/__init__.py", "")
    repository.write("app/auth/__init__.py", "")
    repository.write("app/auth/no_such_library.py", "import no_such_library\n")
    repository.environment("import app.auth.no_such_library", "''")
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert "needs the module no_such_library" in opened["environment_note"]
    assert not opened["assumed"]


def test_module_nowhere(client: Any, repository: Any) -> None:
    """A third-party module that is not installed is named; the revisions run all the same."""
    repository.environment("import no_such_library.sub", "''")
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert "needs the module no_such_library" in opened["environment_note"]
    assert opened["environment_failure"]["path"] == "migrations/env.py"
    assert opened["environment_failure"]["line"] == 2
    assert client.run()["ok"]


def test_creator_and_hooks(client: Any, repository: Any) -> None:
    """A creator and a do_connect hook that would go elsewhere do not."""
    head = """\
from sqlalchemy import event
from sqlalchemy.engine import Engine

def creator():
    raise SystemError("connected to production")

@event.listens_for(Engine, "do_connect")
def token(dialect, record, cargs, cparams):
    cparams["password"] = "token"
    cparams["options"] = "-c lock_timeout=123"
"""
    repository.environment(head, "'postgresql://h/d', creator=creator")
    repository.revision(
        "a1", None, "assert op.get_bind().execute(sa.text('SHOW lock_timeout')).scalar() == '123ms'"
    )
    opened = client.open()
    assert opened["environment"] == "project", opened
    reply = client.run()
    assert reply["ok"], reply


def test_missing_driver(client: Any, repository: Any) -> None:
    """A driver that is not installed is replaced by one that is."""
    repository.environment("", "'postgresql+psycopg2cffi://h/d'")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == [f"driver {repository.driver} in place of psycopg2cffi"]


def test_version_table(client: Any, repository: Any) -> None:
    """The name and schema of the version table are learned."""
    repository.environment("", "'postgresql+psycopg://h/d'")
    env = (repository.path / "migrations/env.py").read_text()
    env = env.replace(
        "connection=connection",
        "connection=connection, version_table='v', version_table_schema='public'",
    )
    repository.write("migrations/env.py", env)
    opened = client.open()
    assert (opened["version_table"], opened["version_table_schema"]) == ("v", "public")


def test_shadowing_folders(client: Any, repository: Any) -> None:
    """A folder named alembic and a module named like one of the standard library do no harm."""
    repository.write("alembic/__init__.py", "raise RuntimeError('the wrong package')\n")
    repository.write("colorsys.py", "raise RuntimeError('not the standard library')\n")
    repository.write("settings_of_app.py", "import colorsys\nURL = 'postgresql+psycopg://h/d'\n")
    repository.write(
        "alembic.ini",
        (repository.path / "alembic.ini").read_text().replace("prepend_sys_path = .", ""),
    )
    repository.environment("from settings_of_app import URL", "URL")
    opened = client.open()
    assert opened["environment"] == "project", opened


def test_a_database_of_its_own_is_not_made(client: Any, repository: Any) -> None:
    """env.py that creates its database where it misses it runs on the scratch one."""
    url = "postgresql+psycopg://u@h/ledger"
    repository.environment(
        "from sqlalchemy import create_engine, text\n"
        f"engine = create_engine('{url}', isolation_level='AUTOCOMMIT')\n"
        "look = text(\"SELECT count(*) FROM pg_database WHERE datname = 'ledger'\")\n"
        "with engine.connect() as connection:\n"
        "    if not connection.scalar(look):\n"
        "        connection.execute(text('CREATE DATABASE ledger'))\n"
        "    assert not connection.scalar(look), 'it was made'",
        f"'{url}'",
    )
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert client.run()["ok"]


def test_a_location_in_a_package_that_does_not_import(client: Any, repository: Any) -> None:
    """``package:folder`` is where its files are, also where a file made by its build is missing."""
    repository.write("alembic.ini", "[alembic]\nscript_location = shop:migrations\n")
    repository.write("shop/__init__.py", "from shop import _made_by_the_build\n")
    repository.environment("", "'postgresql+psycopg://h/d'")
    (repository.path / "migrations").rename(repository.path / "shop/migrations")
    opened = client.open(
        script_location="shop/migrations", version_locations=["shop/migrations/versions"]
    )
    assert opened["environment"] == "project", opened
    assert client.run()["stepped"] == ["a1"]


def test_an_asynchronous_engine_around_another(client: Any, repository: Any) -> None:
    """Alembic's first template for asyncio, with a URL that nobody gave."""
    repository.write(
        "migrations/env.py",
        "import asyncio, os\n"
        "from alembic import context\n"
        "from sqlalchemy import engine_from_config\n"
        "from sqlalchemy.ext.asyncio import AsyncEngine\n"
        "def migrate(connection):\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n"
        "async def run():\n"
        "    settings = {'sqlalchemy.url': os.environ['DATABASE_URL']}\n"
        "    engine = AsyncEngine(engine_from_config(settings, future=True))\n"
        "    async with engine.connect() as connection:\n"
        "        await connection.run_sync(migrate)\n"
        "asyncio.run(run())\n",
    )
    repository.revision("a1", up="op.execute('CREATE TABLE t (id int)')")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == ["DATABASE_URL"]
    assert client.run()["ok"]
