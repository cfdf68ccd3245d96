"""Remedies for known causes: each writes the reader's names into complete Alembic code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.explain.code.undo import take_back
from bot.explain.names.names import execute
from bot.facts import Difference, Failure
from bot.policy import Remedy
from bot.wording import block, code

Write = Callable[["re.Match[str]", Failure, Sequence[Difference]], Remedy]


def _code(title: str, before: str, python: str, trade_off: str = "") -> Remedy:
    return Remedy(title, f"{before}\n\n{block(python, 'python')}".strip(), trade_off)


def fixed(title: str, text: str, python: str, trade_off: str = "") -> Write:
    """A remedy that does not vary but for names: ``<group>`` is that group of the message."""

    def write(match: re.Match[str], failure: Failure, created: Sequence[Difference]) -> Remedy:
        del created
        lines, words = python, text
        for group, value in {**_table(failure), **match.groupdict()}.items():
            if value:
                lines = lines.replace(f"<{group}>", value)
                words = words.replace(f"<{group}>", code(value))
        return _code(title, words, lines, trade_off)

    return write


def real_name(match: re.Match[str], failure: Failure, created: Sequence[Difference]) -> Remedy:
    """For a constraint or index that is dropped by a name that nothing has."""
    made = [item for item in created if item.kind == match["kind"] and item.before is None]
    if made and match["kind"] == "constraint":
        return name_it(match, failure, made)
    return fixed(
        "Drop it by its real name, or before what takes it along",
        "A constraint or index goes with its table or column, so drop it first; otherwise its "
        "name differs from the one that the creating revision gave it. Names as they are:",
        "# psql\n\\d <table>",
    )(match, failure, created)


def _table(failure: Failure) -> dict[str, str]:
    """The table that the refused statement names first, for ``<table>`` in the code."""
    match = re.search(
        r"\b(?:TABLE|INTO|UPDATE|ON|FROM)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+|ONLY\s+)*([\w.\"]+)",
        failure.statement or "",
        re.IGNORECASE,
    )
    return {"table": match[1].replace('"', "")} if match else {}


def name_it(match: re.Match[str], failure: Failure, created: Sequence[Difference]) -> Remedy:
    """For a constraint that is dropped without a name."""
    del failure
    words = (match.groupdict().get("type") or "").upper()
    made = [item for item in created if item.kind == "constraint" and item.before is None]
    fitting = [item for item in made if (item.after or "").upper().startswith(words)] or made
    if not fitting:
        kind = {"FOREIGN": "foreignkey", "PRIMARY": "primary"}.get(words, words.lower() or "unique")
        return _code(
            "Name the constraint in both directions",
            "PostgreSQL can only drop a constraint by its name. Give it one where it is created "
            "(or set a `naming_convention` on the metadata), and use the same name here.",
            f'op.drop_constraint("<name>", "<table>", type_="{kind}")',
        )
    return _code(
        "Drop the constraint by its name",
        "PostgreSQL, or the naming convention, chose the name where the upgrade gave none: use it "
        "here. Better, write the name in the upgrade too, because a chosen one may differ on a "
        "database with another history.",
        take_back(fitting[:3]),
    )


_EXTENSIONS = {
    r"uuid_generate_v|uuid_nil|uuid_ns": "uuid-ossp",
    r"gen_random_bytes|crypt|digest|hmac|gen_salt|pgp_|armor": "pgcrypto",
    r"similarity|word_similarity|show_trgm|gin_trgm|gist_trgm": "pg_trgm",
    r"unaccent": "unaccent",
    r"st_|geometry|geography|addgeometrycolumn": "postgis",
    r"citext": "citext",
    r"hstore": "hstore",
    r"ltree|lquery": "ltree",
    r"vector|halfvec": "vector",
}


def extension(match: re.Match[str], failure: Failure, created: Sequence[Difference]) -> Remedy:
    """For a function, type or operator class that an extension would bring."""
    del created
    name = match["name"].rsplit(".", 1)[-1]
    for pattern, extension in _EXTENSIONS.items():
        if re.match(pattern, name, re.IGNORECASE):
            return _code(
                "Create the extension in the chain",
                f"{code(name)} comes with the extension {code(extension)}.",
                f"op.execute('CREATE EXTENSION IF NOT EXISTS \"{extension}\"')",
                "The role that migrates needs the right to create it; a superuser can create it "
                "beforehand (`extensions` in the configuration does that here).",
            )
    del failure
    return Remedy(
        "Create it before it is used",
        f"Nothing is called {code(name)} at this point. Look for a misspelt name, another schema, "
        "or a migration that should come first.",
    )


def blocking(match: re.Match[str], failure: Failure, created: Sequence[Difference]) -> Remedy:
    """For an object that others depend on: drops them in the order that works."""
    del created
    dependents = re.findall(
        r"(\w[\w ]*?) (\S+) (?:of table (\S+) )?depends on", failure.message.partition("DETAIL")[2]
    )
    lines = []
    for kind, name, table in dependents:
        if kind.endswith("column") and table:
            lines.append(f'op.drop_column("{table}", "{name}")')
        elif kind.endswith(("view", "constraint", "default value")) and not table:
            lines.append(f'op.execute("DROP {kind.split(" ")[-1].upper()} {name}")')
        elif kind.endswith("constraint"):
            lines.append(f'op.drop_constraint("{name}", "{table}")')
        elif kind.endswith("function"):
            lines.append(f'op.execute("DROP FUNCTION {name}")')
        elif kind.endswith("table"):
            lines.append(f'op.drop_table("{name}")')
    lines.append(execute(failure.statement or f"DROP {match['kind'].upper()} {match['name']}"))
    return _code(
        "Drop what depends on it first",
        "PostgreSQL keeps an object while another uses it. In a downgrade the order is that of "
        "the upgrade, reversed.",
        "\n".join(lines),
        "`CASCADE` would drop the dependents too, the ones that nobody thought of included.",
    )
