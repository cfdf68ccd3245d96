"""env.py runs when it can be made to; what was supplied is told, and why when it cannot."""

from __future__ import annotations

from typing import Any

import pytest

ENV = """\
from alembic import context
{head}
from sqlalchemy import create_engine
with create_engine({url}).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def environment(repository: Any, head: str, url: str) -> None:
    """An env.py with these lines, and one revision."""
    repository.write("migrations/env.py", ENV.format(head=head, url=url))
    repository.revision("a1", None, 'op.create_table("t", sa.Column("id", sa.Integer))')


LIBRARY = """\
class {name}(Exception):
    pass

def config(key):
    import os
    if key not in os.environ:
        raise {name}({message})
    return os.environ[key]
"""


@pytest.mark.parametrize(
    ("head", "url", "assumed"),
    [
        pytest.param("import os", "os.environ['DATABASE_URL']", ["DATABASE_URL"], id="KeyError"),
        pytest.param(
            "from os import environ as e",
            "f\"postgresql+psycopg://{e['DB_USER']}:{e['DB_PASS']}@{e['DB_HOST']}:{e['DB_PORT']}/{e['DB_NAME']}\"",
            ["DB_USER", "DB_PASS", "DB_HOST", "DB_PORT", "DB_NAME"],
            id="parts",
        ),
        pytest.param("import os\nu = os.getenv('APP_PG_DSN')", "u", ["APP_PG_DSN"], id="None"),
        pytest.param(
            "import os\nu = os.getenv('APP_DB').replace('a', 'a')",
            "'postgresql+psycopg://h/' + u",
            ["APP_DB"],
            id="AttributeError",
        ),
        pytest.param(
            "import os\n"
            "if not os.getenv('SECRET_KEY'):\n    raise RuntimeError('Please set SECRET_KEY')",
            "'postgresql+psycopg://h/d'",
            ["SECRET_KEY"],
            id="RuntimeError",
        ),
        pytest.param(
            "import os, sys\nif not os.getenv('API_TOKEN'):\n    sys.exit('API_TOKEN is missing')",
            "'postgresql+psycopg://h/d'",
            ["API_TOKEN"],
            id="SystemExit",
        ),
        pytest.param(
            "import os\nassert os.environ.get('X_KEY')",
            "'postgresql+psycopg://h/d'",
            ["X_KEY"],
            id="assert",
        ),
        pytest.param(
            "import os\nn = int(os.environ['POOL'])",
            "'postgresql+psycopg://h/d'",
            ["POOL"],
            id="int",
        ),
        pytest.param(
            "import os, json\nn = json.loads(os.environ['APP_LIST_OF_X'])",
            "'postgresql+psycopg://h/d'",
            ["APP_LIST_OF_X"],
            id="json",
        ),
        pytest.param(
            "import os\nfrom ast import literal_eval\n"
            "def my_getenv(name, default=None):\n"
            "    value = os.getenv(name)\n"
            "    return default() if value is None else literal_eval(value)\n"
            "hosts = my_getenv('MAIL_HOSTS_TABLE')",
            "'postgresql+psycopg://h/d'",
            ["MAIL_HOSTS_TABLE"],
            id="getenv of their own",
        ),
        pytest.param(
            "import os\nwho, _, word = os.environ['DB_CREDENTIALS'].partition(':')\nassert word",
            "f'postgresql+psycopg://{who}:{word}@h/d'",
            ["DB_CREDENTIALS"],
            id="credentials",
        ),
        pytest.param(
            "import os, pathlib\nhome = os.getenv('APP_DATA_DIR', '/no/such/place')\n"
            "(pathlib.Path(home) / 'recheck-made').mkdir(exist_ok=True)",
            "'postgresql+psycopg://h/d'",
            ["APP_DATA_DIR"],
            id="folder",
        ),
        pytest.param(
            "url = context.config.get_section(context.config.config_ini_section).pop('url')",
            "url",
            ["url"],
            id="main option",
        ),
    ],
)
def test_missing_setting(
    client: Any, repository: Any, head: str, url: str, assumed: list[str]
) -> None:
    """A setting that env.py demands is supplied and listed."""
    environment(repository, head, url)
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert [item for item in opened["assumed"] if "driver" not in item] == assumed
    assert client.run()["ok"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "UndefinedValueError",
            "f'{key} not found. Declare it as envvar or define a default value.'",
        ),
        ("EnvError", "f'Environment variable \"{key}\" not set'"),
        ("ImproperlyConfigured", "f'Set the {key} environment variable'"),
        ("KeyError", "f\"Config '{key}' is missing, and has no default.\""),
    ],
)
def test_settings_libraries(client: Any, repository: Any, name: str, message: str) -> None:
    """decouple, environs, django-environ and starlette, by the words of their exceptions."""
    text = LIBRARY.format(name=name, message=message)
    if name == "KeyError":
        text = text.partition("pass\n")[2]
    repository.write("library.py", text)
    environment(repository, "from library import config", "config('MAIN_DATABASE_URL')")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "MAIN_DATABASE_URL" in opened["assumed"]


def test_user_settings_win(client: Any, repository: Any) -> None:
    """What the user's environment holds is not replaced."""
    environment(
        repository, "import os\nassert os.environ['KEY_ONE'] == 'mine'", "os.environ['DB_URL']"
    )
    opened = client.open(environ={"KEY_ONE": "mine"})
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == ["DB_URL"]


def test_sqlite_by_default(client: Any, repository: Any) -> None:
    """A project that falls back to sqlite gets the URL that its source reads."""
    repository.write(
        "app/settings.py",
        "import os\nURL = os.environ.get('LETTER_PG_URI') or 'sqlite:///x.db'\n",
    )
    environment(repository, "from app.settings import URL", "URL")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "LETTER_PG_URI" in opened["assumed"]


def test_mysql_only(client: Any, repository: Any) -> None:
    """Another database is named, and the revisions run without env.py."""
    environment(repository, "", "'sqlite:///fixed.db'")
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert opened["environment_note"] == "env.py connects to sqlite, not to PostgreSQL"
    assert client.run()["stepped"] == ["a1"]


def test_placeholder_url(client: Any, repository: Any) -> None:
    """The url of a generated ini file is replaced."""
    url = "driver://user:pass@localhost/dbname"
    ini = f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n"
    repository.write("alembic.ini", ini)
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == ["sqlalchemy.url"]


def test_no_url_at_all(client: Any, repository: Any) -> None:
    """A configuration without one, which env.py copies from the environment or from itself."""
    repository.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    option = "context.config.get_main_option('sqlalchemy.url')"
    copied = f"context.config.set_main_option('sqlalchemy.url', {option})"
    environment(repository, copied, option)
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "sqlalchemy.url" in opened["assumed"]


@pytest.mark.parametrize("imported", [False, True])
def test_whose_fault(client: Any, repository: Any, *, imported: bool) -> None:
    """What env.py's own lines raise is told apart from what a file that it imports does."""
    raising = "raise OverflowError('nobody knows')"
    repository.write("app/settings.py", raising + "\n")
    environment(repository, "import app.settings" if imported else raising, "''")
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
        "    connection.execute(text('SET search_path TO core'))\n"
        "    connection.commit()\n"
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
    environment(repository, "from shared.models import URL", "URL")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == ["services/lib on sys.path"]


def test_module_that_shares_a_librarys_name(client: Any, repository: Any) -> None:
    """app/auth/no_such_library.py imports the library, not itself."""
    repository.write("app/__init__.py", "")
    repository.write("app/auth/__init__.py", "")
    repository.write("app/auth/no_such_library.py", "import no_such_library\n")
    environment(repository, "import app.auth.no_such_library", "''")
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert "needs the module no_such_library" in opened["environment_note"]
    assert not opened["assumed"]


def test_module_nowhere(client: Any, repository: Any) -> None:
    """A third-party module that is not installed is named; the revisions run all the same."""
    environment(repository, "import no_such_library.sub", "''")
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert "needs the module no_such_library" in opened["environment_note"]
    assert opened["environment_failure"]["path"] == "migrations/env.py"
    assert opened["environment_failure"]["line"] == 2
    assert client.run()["ok"]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("import os\nos._exit(4)\n", "the process ended with status 4"),
        ("import sys\nsys.exit(1)\n", "env.py ended the program (SystemExit(1))"),
        ("x = 1\n", "env.py ended without calling context.run_migrations()"),
        ("x = = 1\n", "env.py raised SyntaxError"),
        ("1 / 0\n", "env.py raised ZeroDivisionError: division by zero"),
    ],
)
def test_hopeless_environment(client: Any, repository: Any, text: str, note: str) -> None:
    """An env.py that cannot serve is replaced by the built-in one, with the reason."""
    repository.write("migrations/env.py", text)
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert note in opened["environment_note"]
    assert client.run()["stepped"] == ["a1"]


def test_endless_demands(client: Any, repository: Any) -> None:
    """A demand that no value satisfies ends in the built-in environment."""
    environment(repository, "raise ValueError('MY_SETTING is wrong')", "''")
    assert client.open()["environment"] == "builtin"
    environment(
        repository,
        "import os\nn = 0\nwhile f'MY_KEY_{n}' in os.environ: n += 1\n"
        "raise KeyError(f'MY_KEY_{n}')",
        "''",
    )
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert len(opened["assumed"]) == 25


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
    environment(repository, head, "'postgresql://h/d', creator=creator")
    repository.revision(
        "a1", None, "assert op.get_bind().execute(sa.text('SHOW lock_timeout')).scalar() == '123ms'"
    )
    opened = client.open()
    assert opened["environment"] == "project", opened
    reply = client.run()
    assert reply["ok"], reply


def test_missing_driver(client: Any, repository: Any) -> None:
    """A driver that is not installed is replaced by one that is."""
    environment(repository, "", "'postgresql+psycopg2cffi://h/d'")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["assumed"] == [f"driver {repository.driver} in place of psycopg2cffi"]


def test_version_table(client: Any, repository: Any) -> None:
    """The name and schema of the version table are learned."""
    environment(repository, "", "'postgresql+psycopg://h/d'")
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
    environment(repository, "from settings_of_app import URL", "URL")
    opened = client.open()
    assert opened["environment"] == "project", opened
