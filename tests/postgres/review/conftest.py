"""Small repositories of strangers, and the command line that reviews them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
INI = "[alembic]\nscript_location = migrations\nsqlalchemy.url = postgresql+psycopg:///shop\n"
ENV = """
    from alembic import context
    from sqlalchemy import create_engine, pool

    url = context.config.get_main_option("sqlalchemy.url")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=None)
        with context.begin_transaction():
            context.run_migrations()
"""


def revision(name: str, parent: str | None, up: str, down: str = "pass", more: str = "") -> str:
    """The text of a revision file."""
    return (
        f'"""Step {name}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n{more}\n'
        f'revision = "{name}"\ndown_revision = {parent!r}\n\n\n'
        f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
    )


@dataclass(frozen=True)
class Reviewed:
    """How a run ended and what it said."""

    status: int
    report: dict[str, Any]
    error: str

    @property
    def findings(self) -> list[str]:
        """``policy path:line`` of what the change introduces."""
        return sorted(
            f"{item['policy']} {item['path']}:{item['line']}"
            for item in self.report["findings"]
            if item["introduced"]
        )

    @property
    def unseen(self) -> str:
        """All ``not_checked`` entries as one text."""
        return json.dumps(self.report["not_checked"])


class Repository:
    """A git repository on its branch ``main`` until ``branch`` is called."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        self.write({"alembic.ini": INI, "migrations/env.py": dedent(ENV)})

    def git(self, *words: str) -> None:
        """Run git without the machine's configuration."""
        who = {f"GIT_{w}_{k}": "a@b.c" for w in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
        environ = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null"}
        subprocess.run(["git", *words], cwd=self.root, check=True, env=environ)

    def write(self, files: dict[str, str]) -> None:
        """Write the files and commit everything."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "more")

    def revisions(self, *texts: str) -> None:
        """Commit revision files, named by their ids."""
        self.write(
            {f"migrations/versions/{text.split(chr(34) * 3)[1][5:-1]}_.py": text for text in texts}
        )

    def branch(self) -> None:
        """Leave main for ``feature``."""
        self.git("checkout", "-q", "-b", "feature")

    def command(self, *words: str) -> list[str]:
        """``db-recheck check`` of ``feature`` against main."""
        return [
            *(sys.executable, "-m", "bot", "check", "-q", "--repo", str(self.root)),
            *("--base", "main", "--head", "feature", "--install", "never", *words),
        ]

    def review(self, *words: str, environ: dict[str, str] | None = None) -> Reviewed:
        """Run it and read its report; an empty one where there is none."""
        done = subprocess.run(
            self.command("--format", "json", *words),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
            env={**os.environ, **(environ or {})},
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Reviewed(done.returncode, json.loads(done.stdout or "{}"), done.stderr)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A new repository with an Alembic environment and one revision."""
    made = Repository(tmp_path / "repository")
    made.revisions(
        revision(
            "a1",
            None,
            'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))',
            'op.drop_table("t")',
        )
    )
    return made
