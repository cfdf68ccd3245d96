"""What autogenerate finds between the models and a database, by the project's own options."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any, Iterator

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

MAX_OPERATIONS = 500
MAX_TEXT = 4_000


def differences(context: MigrationContext, metadata: Any) -> list[dict[str, Any]]:
    """The operations that would bring the database to the models, each with its Python code.

    ``context`` is one that env.py configured, so its ``include_object``, ``compare_type`` and the
    like decide. Raises whatever autogenerate raises.
    """
    from alembic.autogenerate import api, produce_migrations
    from alembic.operations import ops

    renderer: Any = api.AutogenContext(context, metadata=metadata, opts=context.opts)
    script: Any = produce_migrations(context, metadata)
    upgrades = getattr(script, "upgrade_ops_list", None) or [script.upgrade_ops]
    found: list[dict[str, Any]] = []
    for upgrade in upgrades:
        for operation in _flat(upgrade, ops.OpContainer):
            if len(found) < MAX_OPERATIONS:
                found.append(_described(operation, context, renderer))
    return found


def _flat(container: Any, kind: type) -> Iterator[Any]:
    for operation in container.ops:
        if isinstance(operation, kind):
            yield from _flat(operation, kind)
        else:
            yield operation


def _described(operation: Any, context: MigrationContext, renderer: Any) -> dict[str, Any]:
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(operation).__name__[: -len("Op")]).lower()
    table = getattr(operation, "table_name", None) or getattr(operation, "source_table", None)
    schema = getattr(operation, "schema", None) or getattr(operation, "source_schema", None)
    return {
        "operation": word,
        "table": f"{schema or 'public'}.{table}" if table else "",
        "name": _name(operation, word),
        "changes": _changes(operation),
        "code": _code(operation, renderer),
        "type": _type(operation, context),
    }


def _name(operation: Any, word: str) -> str:
    if word == "add_column":
        return str(operation.column.name)
    if word == "create_table":
        return ""
    names = ("column_name", "constraint_name", "index_name")
    return str(next((value for name in names if (value := getattr(operation, name, None))), ""))


def _changes(operation: Any) -> list[str]:
    """What an ``alter_column`` would change."""
    found = []
    if getattr(operation, "modify_type", None) is not None:
        found.append("type")
    if getattr(operation, "modify_nullable", None) is not None:
        found.append("nullable")
    if getattr(operation, "modify_server_default", False) is not False:
        found.append("server_default")
    if getattr(operation, "modify_comment", False) is not False:
        found.append("comment")
    return found


def _type(operation: Any, context: MigrationContext) -> str:
    """The DDL of the column's type as the models have it, "" where that does not apply."""
    column = getattr(operation, "column", None)
    kind = getattr(column, "type", None) or getattr(operation, "modify_type", None)
    if kind is None:
        return ""
    try:
        return str(kind.compile(context.dialect))[:MAX_TEXT]
    except Exception:  # a type that only another dialect knows
        return ""


def _code(operation: Any, renderer: Any) -> str:
    from alembic.autogenerate import render
    from alembic.operations import ops

    try:
        text = render._render_cmd_body(ops.UpgradeOps([operation]), renderer)
    except Exception as error:
        return f"# autogenerate cannot write this: {type(error).__name__}"
    kept = [line for line in text.splitlines() if line.strip() and "# ### " not in line]
    return textwrap.dedent("\n".join(_indented(kept)))[:MAX_TEXT]


def _indented(lines: list[str]) -> list[str]:
    """The renderer leaves the first line at the margin and indents the rest by four."""
    if len(lines) > 1 and not lines[0].startswith(" ") and lines[1].startswith("    "):
        return ["    " + lines[0], *lines[1:]]
    return lines
