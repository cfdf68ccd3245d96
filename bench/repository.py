"""A generated repository: a long chain on main and a branch with three new revisions."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_INI = """[alembic]
script_location = migrations
prepend_sys_path = .
sqlalchemy.url = {url}
"""

_ENV = """import os
from alembic import context
from sqlalchemy import create_engine, pool
from app.models import Base

target_metadata = Base.metadata


def run() -> None:
    url = os.environ.get("DATABASE_URL") or context.config.get_main_option("sqlalchemy.url")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


run()
"""

_REVISION = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down_body}
'''


def _name(number: int) -> str:
    return f"{number:012x}"


def _table(number: int) -> str:
    return f"table_{number:04d}"


def _create(number: int) -> tuple[str, str]:
    table = _table(number)
    up = (
        f'op.create_table("{table}",\n'
        '        sa.Column("id", sa.BigInteger, primary_key=True),\n'
        '        sa.Column("name", sa.String(80), nullable=False),\n'
        '        sa.Column("created_at", sa.DateTime(timezone=True),'
        " server_default=sa.func.now()),\n"
        "    )"
    )
    return up, f'op.drop_table("{table}")'


def _add(number: int, column: str) -> tuple[str, str]:
    table = _table(number)
    up = f'op.add_column("{table}", sa.Column("{column}", sa.Integer))'
    return up, f'op.drop_column("{table}", "{column}")'


def _models(columns: dict[int, list[str]]) -> str:
    lines = [
        "from sqlalchemy import BigInteger, Column, DateTime, Integer, String, func",
        "from sqlalchemy.orm import declarative_base",
        "",
        "Base = declarative_base()",
    ]
    for number, extra in columns.items():
        lines += [
            "",
            "",
            f"class Table{number}(Base):",
            f'    __tablename__ = "{_table(number)}"',
            "    id = Column(BigInteger, primary_key=True)",
            "    name = Column(String(80), nullable=False)",
            "    created_at = Column(DateTime(timezone=True), server_default=func.now())",
            *[f"    {column} = Column(Integer)" for column in extra],
        ]
    return "\n".join(lines) + "\n"


def build(root: Path, revisions: int = 200, tables: int = 100, new: int = 3) -> Path:
    """Make the repository: ``revisions`` on main over ``tables``, ``new`` ones on ``feature``."""
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "app").mkdir()
    (root / "app" / "__init__.py").write_text("")
    (root / "alembic.ini").write_text(_INI.format(url="postgresql+psycopg:///unset"))
    (root / "migrations" / "env.py").write_text(_ENV)
    columns: dict[int, list[str]] = {}

    def write(number: int, up: str, down: str) -> None:
        parent = _name(number - 1) if number > 1 else None
        text = _REVISION.format(
            message=f"step {number}", revision=_name(number), down=parent, up=up, down_body=down
        )
        (versions / f"{_name(number)}_step.py").write_text(text)

    for number in range(1, revisions + 1):
        if number <= tables:
            columns[number] = []
            write(number, *_create(number))
        else:
            table = (number - 1) % tables + 1
            columns[table].append(f"extra_{number}")
            write(number, *_add(table, f"extra_{number}"))
    _git(root, "init", "-q", "-b", "main")
    _commit(root, columns, "the chain")
    _git(root, "checkout", "-q", "-b", "feature")
    for offset in range(1, new + 1):
        number = revisions + offset
        columns[offset].append(f"fresh_{number}")
        write(number, *_add(offset, f"fresh_{number}"))
    _commit(root, columns, "three new revisions")
    return root


def _commit(root: Path, columns: dict[int, list[str]], message: str) -> None:
    (root / "app" / "models.py").write_text(_models(columns))
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", message)


def _git(root: Path, *words: str) -> None:
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "bench"), ("EMAIL", "bench@example.invalid"))
    }
    subprocess.run(["git", *words], cwd=root, check=True, env={**os.environ, **names})
