"""Tables, views, sequences, columns and constraints as SQL."""

from __future__ import annotations

from bot.observe.catalogue.snapshot import Row, Snapshot
from bot.observe.catalogue.values import words

_GENERATED = {"s": "STORED", "v": "VIRTUAL"}
_IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}
_LISTED_APART = ("index", "sequence", "statistics", "trigger", "rule", "policy")


def _own_name(row: Row) -> str:
    """A column's or constraint's name without its table's."""
    return str(row["name"]).removeprefix(f"{row.get('table')}.")


def column(row: Row) -> str:
    """``nick character varying(50) NOT NULL DEFAULT ''::character varying``."""
    parts = [_own_name(row), row["type"]]
    if "collation" in row:
        parts.append(f"COLLATE {row['collation']}")
    if row["nullability"]:
        parts.append("NOT NULL")
    if "generated" in row:
        kind = _GENERATED.get(row["generated"], "")
        parts.append(f"GENERATED ALWAYS AS ({row.get('default')}) {kind}".strip())
    elif "default" in row:
        parts.append(f"DEFAULT {row['default']}")
    if "identity" in row:
        parts.append(f"GENERATED {_IDENTITY.get(row['identity'], 'ALWAYS')} AS IDENTITY")
    return " ".join(parts)


def constraint(row: Row) -> str:
    """``CHECK (price > 0) NOT VALID``."""
    if "enforced" in row:
        return f"{row['definition']} NOT ENFORCED"
    return str(row["definition"]) + ("" if row["validity"] else " NOT VALID")


def sequence(row: Row) -> str:
    """``CREATE SEQUENCE …`` with everything that could be left out."""
    owned = f" OWNED BY {row['owned by']}" if "owned by" in row else ""
    return (
        f"CREATE SEQUENCE {row['name']} AS {row['type']} INCREMENT BY {row['increment']}"
        f" MINVALUE {row['minimum']} MAXVALUE {row['maximum']} START WITH {row['start']}"
        f" CACHE {row['cache']}{' CYCLE' if row['cycle'] else ' NO CYCLE'}{owned}"
    )


def _storage(row: Row) -> str:
    options = row.get("options", [])
    parts = [f" WITH ({', '.join(options)})"] if options else []
    if "tablespace" in row:
        parts.append(f" TABLESPACE {row['tablespace']}")
    return "".join(parts)


def _view(row: Row) -> str:
    unpopulated = "" if row.get("populated", True) else "\n WITH NO DATA"
    definition = str(row["definition"]).removesuffix(";")
    return (
        f"CREATE {row['kind'].upper()} {row['name']}{_storage(row)} AS\n{definition}{unpopulated}"
    )


def _table(row: Row, children: list[Row]) -> str:
    unlogged = "UNLOGGED " if row.get("persistence") == "u" else ""
    lines = [f"    {column(child)}" for child in children if child["kind"] == "column"]
    lines += [
        f"    CONSTRAINT {_own_name(child)} {constraint(child)}"
        for child in children
        if child["kind"] == "constraint"
    ]
    text = f"CREATE {unlogged}{row['kind'].upper()} {row['name']} (\n" + ",\n".join(lines) + "\n)"
    parents = ", ".join(row.get("parents", []))
    if "partition bound" in row:
        text += f" -- PARTITION OF {parents} {row['partition bound']}\n"
    elif parents:
        text += f" INHERITS ({parents})"
    if "partition key" in row:
        text += f" PARTITION BY {row['partition key']}"
    if "server" in row:
        text += f" SERVER {row['server']} OPTIONS ({words('', row.get('foreign options', []))})"
    return text + _storage(row)


def relation(row: Row, snapshot: Snapshot) -> str:
    """A table or view with all that hangs on it and goes with it, one statement after another."""
    children = snapshot.children.get(row["name"], [])
    statements = [_view(row) if "definition" in row else _table(row, children)]
    if "row security" in row:
        statements.append(f"ALTER TABLE {row['name']} ENABLE ROW LEVEL SECURITY")
    for child in children:
        if child["kind"] == "sequence":
            statements.append(sequence(child))
        elif child["kind"] == "policy":
            statements.append(f"CREATE POLICY {_own_name(child)} ON {row['name']} …")
        elif child["kind"] in _LISTED_APART:
            statements.append(str(child["definition"]).removesuffix(";"))
    return ";\n".join(statements)
