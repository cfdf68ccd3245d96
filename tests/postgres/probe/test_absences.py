"""What is not there is found, made or stood in for, and told."""

from __future__ import annotations

from typing import Any

import pytest

_LOOP = """from alembic import context
from sqlalchemy import create_engine, inspect, text
{helper}
with create_engine('postgresql+psycopg://h/d').connect() as connection:
    for schema in tenants(connection):
        connection.execute(text(f'SET search_path TO "{{schema}}"'))
        connection.commit()
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
_ASK = """from alembic import context
from sqlalchemy import create_engine, text
tenant = {ask}
with create_engine('postgresql+psycopg://h/d').connect() as connection:
    with connection.begin():
        connection.execute(text(f'SET search_path TO "{{tenant}}"'))
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


_LISTED = """def tenants(connection):
    return [name for name in inspect(connection).get_schema_names() if {condition}]
"""


@pytest.mark.parametrize(
    ("helper", "schema"),
    [
        (_LISTED.format(condition="name.startswith('customer_')"), "customer_recheck"),
        (
            _LISTED.format(condition="name not in ('information_schema', 'public')"),
            "tenant_recheck",
        ),
        ("from app.listing import tenants\n", "shop_recheck"),
    ],
)
def test_a_schema_for_each_tenant(client: Any, repository: Any, helper: str, schema: str) -> None:
    """env.py goes through schemas that an empty server does not have: one is made."""
    repository.write("app/__init__.py", "")
    repository.write(
        "app/listing.py",
        "from sqlalchemy import text\n"
        "def tenants(connection):\n"
        "    return connection.execute(text(\n"
        "        \"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shop\\\\_%'\"\n"
        "    )).scalars().all()\n",
    )
    repository.write("migrations/env.py", _LOOP.format(helper=helper))
    repository.revision("a1", up="op.execute('CREATE TABLE t (id int)')")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert (opened["schemas"], opened["assumed"]) == ([schema], [f"schema {schema}"])
    ran = client.run()
    assert ran["ok"], ran
    with client.server.connect(client.database) as connection:
        found = connection.execute(
            "SELECT schemaname::text FROM pg_catalog.pg_tables WHERE tablename = 't'"
        ).fetchall()
    assert found == [(schema,)]


@pytest.mark.parametrize(
    "ask",
    [
        "context.get_x_argument(as_dictionary=True).get('tenant')",
        "context.get_x_argument(as_dictionary=True)['tenant']",
    ],
)
def test_a_tenant_named_on_the_command_line(client: Any, repository: Any, ask: str) -> None:
    """``-x tenant=…``: the schema that every database has."""
    repository.write("migrations/env.py", _ASK.format(ask=ask))
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert (opened["schemas"], opened["assumed"]) == ([], ["-x tenant"])


def test_a_search_path_to_a_schema_made_by_hand(client: Any, repository: Any) -> None:
    """Where the version table is to lie in it, it is made."""
    repository.write("migrations/env.py", _ASK.format(ask="'billing'"))
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["schemas"] == ["billing"]


def test_what_building_the_package_writes(client: Any, repository: Any) -> None:
    """The version that is in no commit; and a distribution that asks for its own."""
    repository.write("pyproject.toml", "[tool.setuptools_scm]\nwrite_to = 'app/_version.py'\n")
    repository.write("app/.gitignore", "_build_info.py\n")
    repository.write(
        "app/__init__.py",
        "from importlib.metadata import version\n"
        "from app import _build_info\n"
        "from app._version import __version__, version_tuple\n"
        "WHOLE = (version('app-of-ours'), __version__, version_tuple[0], _build_info.__date__)\n",
    )
    repository.environment("import app", "'postgresql+psycopg://h/d'")
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert (opened["assumed"], opened["stand_ins"]) == ([], [])


def test_a_version_that_no_build_writes(client: Any, repository: Any) -> None:
    """A file that the change removed and that is imported still: that is its mistake."""
    repository.write("app/__init__.py", "from app.version import VERSION\n")
    repository.environment("import app", "'postgresql+psycopg://h/d'")
    repository.revision("a1")
    opened = client.open()
    assert (opened["environment"], opened["assumed"]) == ("builtin", [])


_LACKING = """from no_such_library import Client, register, ServiceError
from no_such_library.models import Document
client = Client("http://search")
class Page(Document):
    title = client.text()
@register
def told():
    return "told"
try:
    client.ping()
except ServiceError:
    pass
"""


def test_a_package_that_could_not_be_installed(client: Any, repository: Any) -> None:
    """Something stands in for it, but only where the bot knows that packages are missing."""
    repository.write("app/__init__.py", _LACKING)
    repository.environment("import app", "'postgresql+psycopg://h/d'")
    repository.revision(
        "a1", extra="from app import told", up="op.execute(f'SELECT 1 -- {told()}')"
    )
    opened = client.open(may_stand_in=None)
    assert opened["environment"] == "project", opened
    assert opened["stand_ins"] == ["no_such_library"]
    assert opened["assumed"] == ["something in place of the module no_such_library"]
    assert client.run()["ok"]
    whole = client.open()
    assert whole["environment"] == "builtin"
    assert "no_such_library" in whole["environment_note"]


def test_where_nothing_can_stand_in(client: Any, repository: Any) -> None:
    """env.py needs the package's values: the note names it, and no line of env.py is blamed."""
    repository.environment("from no_such_library import URL", "URL")
    repository.revision("a1")
    opened = client.open(may_stand_in=None)
    assert (opened["environment"], opened["own_fault"]) == ("builtin", False)
    assert "needs the module no_such_library" in opened["environment_note"]


def test_an_application_that_asks_its_redis(client: Any, repository: Any) -> None:
    """While it is made: nothing is there, as on an empty server."""
    repository.write(
        "redis/__init__.py",  # as the library does where no server answers
        "from redis import exceptions\n"
        "class Redis:\n"
        "    def get(self, key):\n"
        "        return self.execute_command('GET', key)\n"
        "    def execute_command(self, *args):\n"
        "        raise exceptions.ConnectionError('Error 101 connecting to localhost:6379')\n",
    )
    repository.write("redis/exceptions.py", "class ConnectionError(Exception):\n    pass\n")
    repository.environment(
        "import redis\nassert redis.Redis().get('version') is None", "'postgresql+psycopg://h/d'"
    )
    repository.revision("a1")
    opened = client.open()
    assert (opened["environment"], opened["assumed"]) == ("project", ["an empty Redis"]), opened


def test_a_package_older_than_this_python(client: Any, repository: Any) -> None:
    """In another version than declared, because that could not be had."""
    repository.environment("from collections import Mapping", "'postgresql+psycopg://h/d'")
    repository.revision("a1")
    assert client.open(may_stand_in=None)["environment"] == "project"
    assert client.open()["environment"] == "builtin"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.py", "setup(entry_points={'shop.plugins': ['mail = app.mail:Mail']})\n"),
        ("setup.cfg", "[options.entry_points]\nshop.plugins =\n    mail = app.mail:Mail\n"),
        ("pyproject.toml", "[project.entry-points.'shop.plugins']\nmail = 'app.mail:Mail'\n"),
    ],
)
def test_an_application_that_finds_its_plugins(
    client: Any, repository: Any, file: str, text: str
) -> None:
    """By the entry points of its own package, which nobody installs."""
    repository.write(file, text)
    repository.write(
        "app/__init__.py",
        "from importlib.metadata import entry_points\n"
        "names = [point.value for point in entry_points(group='shop.plugins')]\n"
        "assert names == ['app.mail:Mail'], names\n",
    )
    repository.environment("import app", "'postgresql+psycopg://h/d'")
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "project", opened
