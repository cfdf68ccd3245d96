"""Real settings libraries and Flask-Migrate, where the probe's interpreter has them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PYTHON = os.environ.get("DB_RECHECK_PROBE_PYTHON", sys.executable)


def needs(module: str) -> pytest.MarkDecorator:
    """Skip a test when the interpreter that runs the probe cannot import the module."""
    found = subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False)
    return pytest.mark.skipif(
        found.returncode != 0, reason=f"{module} is not there for the probe's interpreter"
    )


ENV = """\
from alembic import context
from app.settings import URL
from sqlalchemy import create_engine
with create_engine(URL).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

PYDANTIC = """\
from typing import List, Literal, Optional
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic import AliasChoices, AnyHttpUrl, EmailStr, Field, PostgresDsn, SecretStr

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    postgres_host: str
    postgres_port: int
    postgres_user: str
    postgres_password: SecretStr
    postgres_db: str
    secret_key: str = Field(min_length=60)
    dsn: PostgresDsn
    site: AnyHttpUrl
    origins: List[str]
    mode: Literal["one", "two"]
    retries: int
    debug: bool
    alias: str = Field(validation_alias=AliasChoices("OTHER_NAME", "x"))

s = Settings()
URL = f"postgresql://{s.postgres_user}:{s.postgres_password.get_secret_value()}@{s.postgres_host}:{s.postgres_port}/{s.postgres_db}"
"""

PYDANTIC_1 = """\
from typing import List
from pydantic import BaseSettings, Field, PostgresDsn

class Settings(BaseSettings):
    secret_key: str = Field(..., min_length=60)
    dsn: PostgresDsn
    origins: List[str]
    retries: int
    other: str = Field(..., env="RENAMED")

    class Config:
        env_prefix = "APP_"

s = Settings()
URL = str(s.dsn)
"""

LIBRARIES = [
    pytest.param(PYDANTIC, "APP_POSTGRES_HOST", marks=needs("pydantic_settings"), id="pydantic 2"),
    pytest.param(
        PYDANTIC_1,
        "RENAMED",
        marks=needs("pydantic.class_validators, pydantic.env_settings; pydantic.BaseSettings"),
        id="pydantic 1",
    ),
    pytest.param(
        "from decouple import config\nURL = config('DATABASE_URL')\nN = config('N_OF', cast=int)\n",
        "N_OF",
        marks=needs("decouple"),
        id="decouple",
    ),
    pytest.param(
        "from environs import Env\nenv = Env()\n"
        "URL = env.str('DATABASE_URL')\nN = env.int('N_OF')\n",
        "N_OF",
        marks=needs("environs"),
        id="environs",
    ),
    pytest.param(
        "import environ\nenv = environ.Env()\nURL = env('DATABASE_URL')\n",
        "DATABASE_URL",
        marks=needs("environ"),
        id="django-environ",
    ),
    pytest.param(
        "from starlette.config import Config\nconfig = Config()\nURL = config('DATABASE_URL')\n",
        "DATABASE_URL",
        marks=needs("starlette"),
        id="starlette",
    ),
]


@pytest.mark.parametrize(("settings", "assumed"), LIBRARIES)
def test_library(client: Any, repository: Any, settings: str, assumed: str) -> None:
    """What the library demands is supplied until env.py runs."""
    repository.write("app/settings.py", settings)
    repository.write("migrations/env.py", ENV)
    repository.revision("a1")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert assumed in opened["assumed"]
    assert client.run()["ok"]


FLASK = """\
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
migrate = Migrate()

class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)

def create_app(config=None):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
    db.init_app(app)
    migrate.init_app(app, db)
    return app
"""


@pytest.mark.parametrize("config", ["migrations", "migrations/alembic.ini"])
@needs("flask_migrate")
def test_flask_migrate(client: Any, repository: Any, config: str) -> None:
    """An application factory is found and the env.py that Flask-Migrate generates runs."""
    repository.write("shop/__init__.py", FLASK)
    (repository.path / "alembic.ini").unlink()
    where = "import flask_migrate, os; print(os.path.dirname(flask_migrate.__file__))"
    folder = subprocess.run([PYTHON, "-c", where], capture_output=True, text=True, check=True)
    template = Path(folder.stdout.strip()) / "templates" / "flask"
    for source, target in (("env.py", "env.py"), ("alembic.ini.mako", "alembic.ini")):
        repository.write(f"migrations/{target}", (template / source).read_text("utf-8"))
    repository.revision("a1", None, 'op.create_table("thing", sa.Column("id", sa.Integer))')
    opened = client.open(kind="flask", config=config)
    assert opened["environment"] == "project", opened
    assert opened["has_metadata"]
    assert "DATABASE_URL" in opened["assumed"]
    assert client.run()["ok"]


@needs("flask")
def test_an_application_that_cannot_be_made(client: Any, repository: Any) -> None:
    """A revision may ask ``current_app`` for a setting all the same."""
    repository.write(
        "shop/__init__.py", "import flask\ndef create_app():\n    raise OSError('x')\n"
    )
    (repository.path / "alembic.ini").unlink()
    repository.write("migrations/env.py", "from flask import current_app\ncurrent_app.config\n")
    load = "from flask import current_app; SIZE = current_app.config.get('SIZE', 3)"
    repository.revision("a1", None, "op.execute(f'SELECT {SIZE}')", extra=load)
    opened = client.open(kind="flask", config="migrations")
    assert opened["environment"] == "builtin"
    assert "an empty Flask application" in opened["assumed"]
    assert not opened["chain"]["unloadable"], opened
    assert client.run()["ok"]


@needs("flask")
def test_an_application_without_a_database(client: Any, repository: Any) -> None:
    """Its configuration file lies outside of the repository: the scratch database it is."""
    text = "import flask\ndef create_app():\n    return flask.Flask(__name__)\n"
    repository.write("shop/__init__.py", text)
    repository.write(
        "migrations/env.py",
        "from alembic import context\nfrom flask import current_app\n"
        "from sqlalchemy import create_engine\n"
        "url = current_app.config['SQLALCHEMY_DATABASE_URI']\n"
        "assert url.startswith('postgresql'), url\n"
        "with create_engine(url).connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n",
    )
    repository.revision("a1")
    assert client.open(kind="flask", config="migrations")["environment"] == "project"
