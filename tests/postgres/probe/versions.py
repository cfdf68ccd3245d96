"""Run the tests of this folder inside the interpreters and versions that real projects have.

``python tests/postgres/probe/versions.py FOLDER`` makes a virtual environment per row below FOLDER
with uv (once) and runs pytest on each; not part of the default run, because it downloads packages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OTHER_DRIVERS = ("asyncpg", "psycopg2-binary", "pg8000")
ROWS = {
    "oldest": (
        "3.9",
        "psycopg2",
        "sqlalchemy==1.3.*",
        "alembic==1.4.*",
        "flask<2.2",
        "werkzeug<2.2",
    ),
    "old": ("3.9", "psycopg2", "sqlalchemy==1.4.*", "alembic==1.8.*", "pydantic<2", "environs"),
    "middle": ("3.10", "psycopg2", "sqlalchemy==2.0.*", "alembic==1.13.*", "pydantic-settings"),
    "paths": ("3.12", "psycopg", "sqlalchemy==2.0.*", "alembic==1.16.*", "starlette"),
    "new": (
        "3.13",
        "psycopg",
        "sqlalchemy[asyncio]",
        "alembic",
        "pydantic-settings",
        *OTHER_DRIVERS,
    ),
}
DRIVERS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary"}
# Tests that need every driver or an Alembic that reads pyproject.toml.
NEWEST_ONLY = "not test_scenario and not test_transport and not test_pyproject"
WATCHED = ("test_watching.py", "test_undisturbed.py")  # written for SQLAlchemy 1.4 and later
COMMON = ("python-decouple", "django-environ", "flask-migrate")


def main(folder: Path) -> int:
    """Exit status 1 when the tests fail on any row."""
    failed = []
    for name, (version, driver, *packages) in ROWS.items():
        python = folder / name / "bin" / "python"
        if not python.exists():
            uv = [sys.executable, "-m", "uv"]
            subprocess.run([*uv, "venv", "--python", version, str(folder / name)], check=True)
            install = [*uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
            subprocess.run([*install, DRIVERS[driver], *COMMON, *packages], check=True)
        environ = {
            **os.environ,
            "DB_RECHECK_PROBE_PYTHON": str(python),
            "DB_RECHECK_PROBE_DRIVER": driver,
        }
        chosen = [] if name == "new" else ["-k", NEWEST_ONLY]
        tests = [sys.executable, "-m", "pytest", "-q", str(HERE), *chosen]
        if name != "oldest":
            tests += [str(HERE.parent / "locks" / file) for file in WATCHED]
        if subprocess.run(tests, env=environ, check=False).returncode:
            failed.append(name)
    print("failed:", ", ".join(failed) or "none")  # noqa: T201 - a script for the terminal
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
