"""A change that concerns no migration is told at once; when unsure, it is checked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.facts import Change, ChangedFile
from bot.projects import Relevance, find_environments, relevant

Make = Callable[[dict[str, str | bytes]], Any]
Files = dict[str, str | bytes]

PROJECT: Files = {
    "alembic.ini": "[alembic]\nscript_location = m\n",
    "m/env.py": "from alembic import context\nfrom app.models import Base\nimport app.config\n",
    "m/script.py.mako": "",
    "m/versions/a1.py": "revision = 'a1'\ndown_revision = None\n",
    "app/__init__.py": "",
    "app/config.py": "def url(): return open('settings.yaml')\n",
    "app/models.py": "class User(Base):\n    __tablename__ = 'user'\n",
    "app/views.py": "def index(): return 1\n",
    "settings.yaml": "a: 1\n",
    "chart.yaml": "a: 1\n",
    "pyproject.toml": "[project]\nname = 'x'\ndependencies = ['alembic>=1.13', 'flask>=3']\n",
    "uv.lock": '[[package]]\nname = "alembic"\nversion = "1.13.0"\n\n[[package]]\nname = "flask"\n'
    'version = "3.0"\n',
    "README.md": "hello\n",
    "tests/test_models.py": "class T(Base):\n    __tablename__ = 't'\n",
    ".env": "A=1\n",
    "sql/view.sql": "select 1\n",
}


def review(tree: Make, before: Files, after: Files) -> Relevance:
    """The answer for a change from one set of files to another."""
    base, merged = tree(before), tree(after)
    changed = []
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            change = (
                Change.ADDED
                if path not in before
                else Change.DELETED
                if path not in after
                else Change.MODIFIED
            )
            changed.append(ChangedFile(path, change))
    return relevant(changed, base, merged, find_environments(base), find_environments(merged))


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("m/versions/b2.py", "revision = 'b2'\ndown_revision = 'a1'\n"),
        ("m/versions/a1.py", "revision = 'a1'\ndown_revision = None\n# edited\n"),
        ("m/versions/rows.csv", "1\n"),
        ("m/env.py", "from alembic import context\n"),
        ("m/script.py.mako", "x"),
        ("alembic.ini", "[alembic]\nscript_location = m\nx = 1\n"),
        ("app/models.py", "class User(Base):\n    __tablename__ = 'users'\n"),
        ("app/models.py", "x = ("),
        ("lib/new_models.py", "users = Table('users', metadata)\n"),
        ("app/config.py", "def url(): return 2\n"),
        ("app/__init__.py", "import app.views\n"),
        ("settings.yaml", "a: 2\n"),
        (".env", "A=2\n"),
        ("sql/view.sql", "select 2\n"),
        (".db-recheck.toml", "strict = true\n"),
        ("pyproject.toml", "[tool.db-recheck]\nstrict = true\n"),
        ("pyproject.toml", "[project]\nname = 'x'\ndependencies = ['alembic>=1.14', 'flask>=3']\n"),
        ("requirements.txt", "psycopg[binary]==3.2\n"),
        ("uv.lock", '[[package]]\nname = "alembic"\nversion = "1.14.0"\n'),
    ],
)
def test_what_concerns_migrations_is_checked(tree: Make, path: str, content: str) -> None:
    """The reason names the file that makes the check needed."""
    answer = review(tree, PROJECT, {**PROJECT, path: content})
    assert answer.check
    assert path in answer.reason
    assert [item.name for item in answer.environments] == ["alembic.ini"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("README.md", "hello again\n"),
        ("m/README.md", "about migrations\n"),
        ("app/views.py", "def index(): return 2\n"),
        ("tests/test_models.py", "class T(Base):\n    __tablename__ = 'tt'\n"),
        ("chart.yaml", "a: 2\n"),
        (".github/workflows/ci.yaml", "on: push\n"),
        ("pyproject.toml", "[project]\nname = 'x'\ndependencies = ['alembic>=1.13', 'flask>=4']\n"),
        ("uv.lock", str(PROJECT["uv.lock"]).replace('"3.0"', '"3.1"')),
        ("requirements-dev.txt", "pytest\n"),
        ("logo.png", b"\x89PNG\xff"),
    ],
)
def test_what_does_not_is_skipped(tree: Make, path: str, content: str | bytes) -> None:
    """The sentence says so in the reader's terms."""
    answer = review(tree, PROJECT, {**PROJECT, path: content})
    assert not answer.check
    assert answer.reason.startswith(f"Nothing to check: {path} is no revision")
    assert answer.environments == ()


@pytest.mark.parametrize("path", ["app/models.py", "app/config.py", "m/versions/a1.py"])
def test_a_deleted_file_counts_as_it_was_at_base(tree: Make, path: str) -> None:
    """Even when nothing of the merged tree leads to it any more."""
    after = {key: value for key, value in PROJECT.items() if key != path}
    after["m/env.py"] = PROJECT["m/env.py"]
    assert review(tree, PROJECT, after).check


def test_a_rename_counts_on_both_sides(tree: Make) -> None:
    """A model that moves away is a change of models."""
    after = {**PROJECT, "lib/plain.py": "x = 1\n"}
    after.pop("app/models.py")
    base, merged = tree(PROJECT), tree(after)
    renamed = ChangedFile("lib/plain.py", Change.RENAMED, old_path="app/models.py")
    answer = relevant([renamed], base, merged, find_environments(base), find_environments(merged))
    assert answer.check
    assert answer.models == ("app/models.py",)


def test_models_are_told_and_revisions_and_tests_are_none(tree: Make) -> None:
    """Only what maps classes, outside of versions folders and tests."""
    after = {
        **PROJECT,
        "app/models.py": "class A(Base): pass\n",
        "app/views.py": "x = 2\n",
        "m/versions/b2.py": "revision = 'b2'\ndown_revision = 'a1'\nt = Table('t', m)\n",
        "tests/test_models.py": "class T(Base): pass\n",
    }
    assert review(tree, PROJECT, after).models == ("app/models.py",)


def service(name: str) -> Files:
    """One of several services of a repository."""
    return {
        f"{name}/alembic.ini": "[alembic]\nscript_location = m\n",
        f"{name}/m/env.py": "from alembic import context\nfrom app import models\n",
        f"{name}/m/versions/a.py": "revision = 'a'\ndown_revision = None\n",
        f"{name}/app/models.py": "class A(Base): pass\n",
        f"{name}/app/views.py": "",
    }


MANY: Files = {**service("one"), **service("two"), "shared/models.py": "class S(Base): pass\n"}


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("one/m/versions/b.py", ["one/alembic.ini"]),
        ("two/app/models.py", ["two/alembic.ini"]),
        ("one/app/views.py", []),
        ("shared/models.py", ["one/alembic.ini", "two/alembic.ini"]),
        (".db-recheck.toml", ["one/alembic.ini", "two/alembic.ini"]),
    ],
)
def test_only_the_environments_that_are_concerned_are_checked(
    tree: Make, path: str, concerned: list[str]
) -> None:
    """A model that no environment is seen to import may belong to any of them."""
    content = "class B(Base): pass\nrevision = 'b'\n" if path.endswith(".py") else "strict = true\n"
    if path.endswith("views.py"):
        content = "x = 1\n"
    answer = review(tree, MANY, {**MANY, path: content})
    assert [item.name for item in answer.environments] == concerned
    assert answer.check == bool(concerned)


def test_a_removed_and_a_new_environment_are_told(tree: Make) -> None:
    """The one is named, the other checked."""
    answer = review(tree, service("one"), service("two"))
    assert answer.removed == ("one/alembic.ini",)
    assert [item.name for item in answer.environments] == ["two/alembic.ini"]
    gone = review(tree, MANY, service("two"))
    assert gone.check
    assert gone.removed == ("one/alembic.ini",)


def test_without_any_environment_there_is_nothing_to_check(tree: Make) -> None:
    """Models alone are no migrations."""
    assert not review(tree, {}, {"models.py": "class A(Base): pass\n"}).check
    assert not review(tree, PROJECT, PROJECT).check


def test_three_thousand_documents_take_no_time(tree: Make) -> None:
    """Nothing is parsed, nothing but configuration files is read."""
    pages: Files = {f"docs/{at // 50}/{at}.md": "x" for at in range(3000)}
    code: Files = {f"app/part{at}/x.py": "import os\n" for at in range(2000)}
    base, merged = tree({**PROJECT, **code}), tree({**PROJECT, **code, **pages})
    changed = [ChangedFile(path, Change.ADDED) for path in pages]
    start = time.perf_counter()
    answer = relevant(changed, base, merged, find_environments(base), find_environments(merged))
    assert time.perf_counter() - start < 0.3
    assert not answer.check
    assert "3000" in answer.reason
    assert len(base.reads) + len(merged.reads) < 40
