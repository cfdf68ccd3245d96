"""Known causes of a failing step: what the message says, and the Alembic code that cures it.

SQLSTATEs are those of PostgreSQL's appendix "PostgreSQL Error Codes". Where a message is needed to
learn a name it is matched in English; with other messages the general remedy remains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.explain.failures.cures import Write, blocking, extension, fixed, name_it, real_name


@dataclass(frozen=True)
class Hint:
    """One cause: its SQLSTATEs (none: an exception of Python), its message and the way out."""

    sqlstates: tuple[str, ...]
    pattern: re.Pattern[str]
    remedy: Write


def _hint(sqlstates: str, pattern: str, remedy: Write) -> Hint:
    return Hint(tuple(sqlstates.split()), re.compile(pattern, re.DOTALL), remedy)


HINTS: tuple[Hint, ...] = (
    _hint(
        "",
        r"CompileError: .*constraint (?P<type>Foreign|Unique|Check|Primary)\w*\(.*has no name",
        name_it,
    ),
    _hint(
        "",
        r"[Cc]onstraint.*(?:must have a name|has no name)",
        name_it,
    ),
    _hint(
        "",
        r"NameError: name '(?P<name>\w+)' is not defined",
        fixed(
            "Import the name at the top of the revision",
            "Autogenerate writes types by their module's name without importing it. Import it "
            "here, and in `script.py.mako` so that later revisions have it.",
            "import <name>",
        ),
    ),
    _hint(
        "",
        r"ModuleNotFoundError: No module named '(?P<name>[\w.]+)'",
        fixed(
            "Do not import what is not installed",
            "A revision is run for years, on installations that have other packages. Write the "
            "tables and types it needs in the revision itself instead of importing <name>'s.",
            'users = sa.table("users", sa.column("id", sa.Integer))  # a copy, not the live model',
            "If the package is one of the project's own dependencies, declare it there.",
        ),
    ),
    _hint(
        "",
        r"ObjectNotExecutableError",
        fixed(
            "Wrap the SQL in text()",
            "A connection executes SQL text only as `sa.text(...)` (SQLAlchemy 2.0).",
            'op.get_bind().execute(sa.text("UPDATE users SET active = true"))',
        ),
    ),
    _hint(
        "42710",
        r'type "(?P<name>[^"]+)" already exists',
        fixed(
            "Create the type once",
            "SQLAlchemy creates an enum type along with the table that uses it. Where it exists "
            "already (from an earlier revision, or an explicit `create()`), say so:",
            "from sqlalchemy.dialects import postgresql\n\n"
            'postgresql.ENUM(name="<name>", create_type=False)',
        ),
    ),
    _hint(
        "42804",
        r'column "(?P<column>[^"]+)" cannot be cast automatically to type (?P<type>[\w ]+)',
        fixed(
            "Say how the values are converted",
            "",
            "op.alter_column(\n"
            '    "<table>",\n    "<column>",\n    type_=...,\n'
            '    postgresql_using="<column>::<type>",\n)',
            "The cast rewrites the table under an exclusive lock and fails on values that "
            "do not convert.",
        ),
    ),
    _hint(
        "42804",
        r'default for column "(?P<column>[^"]+)" cannot be cast automatically',
        fixed(
            "Take the default away while the type changes",
            "",
            'op.alter_column("<table>", "<column>", server_default=None)\n'
            'op.alter_column("<table>", "<column>", type_=..., postgresql_using=...)\n'
            'op.alter_column("<table>", "<column>", server_default=...)',
        ),
    ),
    _hint(
        "55P04",
        r'value "(?P<value>[^"]+)" of enum type "?(?P<name>[\w.]+)"?',
        fixed(
            "Commit the new value before it is used",
            "PostgreSQL does not let a transaction use an enum value that it added itself.",
            "with op.get_context().autocommit_block():\n"
            "    op.execute(\"ALTER TYPE <name> ADD VALUE IF NOT EXISTS '<value>'\")",
            "What ran before the block is committed with it: a later failure leaves it behind.",
        ),
    ),
    _hint(
        "25001",
        r"(?P<what>[A-Z][A-Z .]+?) cannot (?:run|be executed)",
        fixed(
            "Run it outside the transaction",
            "",
            'with op.get_context().autocommit_block():\n    op.execute("<what> …")',
            "What ran before the block is committed with it, so give it a revision of its own.",
        ),
    ),
    _hint("42883", r"function (?P<name>[\w.]+)\(", extension),
    _hint("42704", r'(?:type|operator class) "(?P<name>[^"]+)" does not exist', extension),
    _hint(
        "42704",
        r'(?P<kind>constraint|index) "(?P<name>[^"]*)"(?: of relation "(?P<table>[^"]+)")? does',
        real_name,
    ),
    _hint("2BP01", r"cannot drop (?P<kind>[\w ]+?) (?P<name>\S+) because", blocking),
    _hint(
        "3F000",
        r'schema "(?P<name>[^"]+)" does not exist',
        fixed(
            "Create the schema in the chain",
            "",
            'op.execute("CREATE SCHEMA IF NOT EXISTS <name>")',
        ),
    ),
    _hint(
        "42P07 42701 42P06 42723",
        r'(?P<kind>relation|column|schema|function) "?(?P<name>[^"]+)"?.* already exists',
        fixed(
            "Leave out what an earlier revision created",
            "The chain already has it. Remove these lines from the upgrade (and their counterpart "
            "from the downgrade); if it should differ, alter it:",
            "# instead of creating <name> a second time\nop.alter_column(...)",
        ),
    ),
    _hint(
        "42P01",
        r'relation "(?P<name>[^"]+)" does not exist',
        fixed(
            "Create it first, or name its schema",
            "No revision before this one creates it, or it lives in another schema. If another "
            "branch of the chain creates it, say so with `depends_on`:",
            'depends_on = "<the revision that creates <name>>"',
        ),
    ),
    _hint(
        "42703",
        r'column "(?P<name>[^"]+)"(?: of relation "(?P<table>[^"]+)")? does not exist',
        fixed(
            "Use the column's name as it is at this point of the chain",
            "A revision sees the schema of its own moment: a column that a later revision adds or "
            "that an earlier one renamed is not there. Add it first if it is missing:",
            'op.add_column("<table>", sa.Column("<name>", ...))',
        ),
    ),
    _hint(
        "0A000 58P01",
        r'extension "(?P<name>[^"]+)"',
        fixed(
            "Check on a server that has the extension",
            "The embedded server does not ship it. Give the check a server that does:",
            '# pyproject.toml\n[tool.db-recheck]\ndatabase-url = "postgresql://…"  # has <name>',
        ),
    ),
    _hint(
        "42501",
        r"",
        fixed(
            "Check as superuser, if production migrates as one",
            "The check runs as an ordinary owner of its database.",
            "# pyproject.toml\n[tool.db-recheck]\nsuperuser = true",
            "The check then no longer sees missing rights.",
        ),
    ),
    _hint(
        "23502",
        r'column "(?P<column>[^"]+)" of relation "(?P<table>[^"]+)" contains null',
        fixed(
            "Fill the column before it is made NOT NULL",
            "",
            'op.execute("UPDATE <table> SET <column> = … WHERE <column> IS NULL")',
        ),
    ),
)
