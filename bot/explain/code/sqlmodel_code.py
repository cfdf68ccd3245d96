"""Models as SQLModel writes them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import python_string
from bot.explain.schema.python_types import python_type
from bot.facts.models import ModelColumn, ModelTable
from bot.facts.schema import by_search_path

_TYPES = (  # that SQLModel would not choose by itself for the Python type
    ("BIGINT", "BigInteger"),
    ("SMALLINT", "SmallInteger"),
    ("TEXT", "Text"),
    ("TIMESTAMP WITH TIME ZONE", "DateTime(timezone=True)"),
)


def as_sqlmodel(name: str, table: ModelTable) -> str:
    """The class that maps the table, with all that the metadata says of its columns."""
    lines = [f"class {name}(SQLModel, table=True):"]
    schema, _, bare = table.name.partition(".")
    lines.append(f'    __tablename__ = "{bare}"')
    if not by_search_path(schema):
        lines.append(f'    __table_args__ = {{"schema": "{schema}"}}')
    for column in table.columns:
        kind, words = python_type(column), list(_field(table, column))
        if column.primary_key or column.nullable:
            kind, words = f"{kind} | None", ["default=None", *words]
        told = f" = Field({', '.join(words)})" if words else ""
        lines.append(f"    {column.attribute or column.name}: {kind}{told}")
    return "\n".join(lines)


def _field(table: ModelTable, column: ModelColumn) -> Iterator[str]:
    """What ``Field`` has to say so that the column stays what it is."""
    if column.primary_key:
        yield "primary_key=True"
    for target in column.references:
        yield f'foreign_key="{target.removeprefix("public.")}"'
    alone = [item for item in table.constraints if item.columns == (column.name,)]
    for item in alone:
        if item.kind == "foreign" and item.on_delete:
            yield f'ondelete="{item.on_delete}"'
    indexes = [i for i in table.indexes if i.columns == (column.name,) and not i.where]
    if any(item.kind == "unique" for item in alone) or any(item.unique for item in indexes):
        yield "unique=True"
    if indexes:
        yield "index=True"
    kind = next((name for start, name in _TYPES if column.type.upper().startswith(start)), None)
    if kind:
        yield f"sa_type={kind}"
    if column.server_default:
        default = python_string(column.server_default)
        yield f'sa_column_kwargs={{"server_default": text({default})}}'
