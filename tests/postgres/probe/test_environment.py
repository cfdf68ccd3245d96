"""env.py runs when it can be made to; what was supplied is told, and why when it cannot."""

from __future__ import annotations

from typing import Any

import pytest

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
    repository.environment(head, url)
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
    repository.environment("from library import config", "config('MAIN_DATABASE_URL')")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "MAIN_DATABASE_URL" in opened["assumed"]


def test_user_settings_win(client: Any, repository: Any) -> None:
    """What the user's environment holds is not replaced."""
    repository.environment(
        "import os\nassert os.environ['KEY_ONE'] == 'mine'", "os.environ['DB_URL']"
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
    repository.environment("from app.settings import URL", "URL")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "LETTER_PG_URI" in opened["assumed"]


@pytest.mark.parametrize("default", ["psql://host:", "postgresql://host:port/name"])
def test_unreadable_by_default(client: Any, repository: Any, default: str) -> None:
    """A URL whose port is no number gives way to the one that the source reads."""
    repository.write(
        "app/settings.py",
        f"import os\nclass Settings:\n    URL = os.environ.get('LEDGER_DB_URL', {default!r})\n",
    )
    repository.environment("from app.settings import Settings", "Settings.URL")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "LEDGER_DB_URL" in opened["assumed"]


def test_mysql_only(client: Any, repository: Any) -> None:
    """Another database is named, and the revisions run without env.py."""
    repository.environment("", "'sqlite:///fixed.db'")
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
    repository.environment(copied, option)
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "sqlalchemy.url" in opened["assumed"]


def test_url_of_the_configuration_or_of_an_argument(client: Any, repository: Any) -> None:
    """Without the option env.py wants ``-x``, and fails far from any word about a URL."""
    repository.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    repository.environment(
        "import os\n"
        "url = context.config.get_main_option('sqlalchemy.url')\n"
        "if not url:\n"
        "    place = context.get_x_argument(as_dictionary=True).get('deployment')\n"
        "    url = open(os.path.join(place, 'url')).read()",
        "url",
    )
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert "sqlalchemy.url" in opened["assumed"]


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
    repository.environment("raise ValueError('MY_SETTING is wrong')", "''")
    assert client.open()["environment"] == "builtin"
    repository.environment(
        "import os\nn = 0\nwhile f'MY_KEY_{n}' in os.environ: n += 1\n"
        "raise KeyError(f'MY_KEY_{n}')",
        "''",
    )
    opened = client.open()
    assert opened["environment"] == "builtin"
    assert len(opened["assumed"]) == 25
