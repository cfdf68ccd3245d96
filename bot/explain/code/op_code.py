"""Alembic code in the reader's names: calls of ``op`` laid out as formatters do."""

from __future__ import annotations

from collections.abc import Iterable

from bot.explain.names.names import execute, op_table, python_string, sql_name, sql_text
from bot.facts.schema import by_search_path
from bot.sql import CreateIndex, IndexKey, quoted
from bot.wording import block

_WIDTH = 88


def call(name: str, *arguments: str, **keywords: str) -> str:
    """``name(arguments, keywords)``, each Python code: on one line where it fits."""
    parts = [*arguments, *(f"{key}={value}" for key, value in keywords.items())]
    line = f"{name}({', '.join(parts)})"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def indented(code: str) -> str:
    """The code one level deeper; the inside of a long string keeps its margin."""
    lines, inside = [], False
    for line in code.split("\n"):
        lines.append(line if inside or not line else f"    {line}")
        inside ^= line.count('"""') % 2 == 1
    return "\n".join(lines)


def autocommit(*statements: str) -> str:
    """The statements outside a transaction, each on its own."""
    body = indented("\n".join(statements))
    return f"with op.get_context().autocommit_block():\n{body}"


def upgrade(*statements: str) -> str:
    """The statements as a revision's ``upgrade``."""
    return f"def upgrade() -> None:\n{indented(chr(10).join(statements))}"


def steps(*parts: tuple[str, str]) -> str:
    """Markdown: a sentence and its block of code for each step."""
    return "\n\n".join(f"{words}\n\n{block(code, 'python')}" for words, code in parts)


def strings(values: Iterable[str]) -> str:
    """A list of Python strings."""
    return f"[{', '.join(map(python_string, values))}]"


def on_table(relation: str) -> tuple[str, dict[str, str]]:
    """The table as ``op`` calls name it, and the keyword for its schema if it needs one."""
    literal, schema = op_table(relation)
    return literal, {"schema": schema.removeprefix(", schema=")} if schema else {}


def create_index(index: CreateIndex, relation: str, *, concurrently: bool = True) -> str:
    """``op.create_index`` of the same index."""
    table, schema = on_table(relation)
    keywords: dict[str, str] = {}
    if index.unique:
        keywords["unique"] = "True"
    keywords |= schema
    if index.method != "btree":
        keywords["postgresql_using"] = python_string(index.method)
    if index.include:
        keywords["postgresql_include"] = strings(index.include)
    if index.predicate:
        keywords["postgresql_where"] = text(index.predicate)
    if index.nulls_not_distinct:
        keywords["postgresql_nulls_not_distinct"] = "True"
    if concurrently:
        keywords["postgresql_concurrently"] = "True"
    name = python_string(index_name(index, relation))
    keys = f"[{', '.join(map(_key, index.keys))}]"
    return call("op.create_index", name, table, keys, **keywords)


def _key(key: IndexKey) -> str:
    plain = key.column is not None and not (key.operator_class or key.collation or key.descending)
    if plain and key.column is not None:
        return python_string(key.column)
    parts = [key.sql if key.column else f"({key.sql})"]
    parts += [f"COLLATE {key.collation}"] if key.collation else []
    parts += [key.operator_class] if key.operator_class else []
    parts += ["DESC"] if key.descending else []
    return text(" ".join(parts))


def text(sql: str) -> str:
    """``sa.text`` of an expression."""
    return f"sa.text({python_string(sql_text(sql))})"


def index_name(index: CreateIndex, relation: str) -> str:
    """The index's name, or one in PostgreSQL's manner where the statement has none."""
    columns = [key.column or "expr" for key in index.keys]
    return index.name or "_".join([relation.rpartition(".")[2], *columns, "idx"])


def beside(relation: str, name: str) -> str:
    """The SQL name of an index or sequence that lies in the relation's schema."""
    schema = relation.rpartition(".")[0]
    return quoted(name) if by_search_path(schema) else f"{quoted(schema)}.{quoted(name)}"


def drop_leftover(relation: str, index: str) -> str:
    """Removes the invalid index that a failed concurrent build left, so that a retry passes."""
    return execute(f"DROP INDEX CONCURRENTLY IF EXISTS {beside(relation, index)}")


def alter(relation: str, action: str) -> str:
    """``op.execute`` of an ALTER TABLE."""
    return execute(f"ALTER TABLE {sql_name(relation)} {action}")
