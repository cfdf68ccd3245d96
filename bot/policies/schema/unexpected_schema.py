"""A new table lay in a schema that no table of base lies in.

Either the name was mistyped, or the `search_path` was another than the author's, or a new domain
begins here: then it has to be known to backups, grants and the application's own search path.

Put the table where its siblings are, or name the schema in the configuration.

Reference: https://www.postgresql.org/docs/current/ddl-schemas.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import python_string
from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import table_made
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3,)
OPTIONS = {"schemas": "the schemas that tables may lie in"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table."""
    stated = [str(each) for each in options.of("unexpected-schema", "schemas", [""]) if each]
    for project in facts.projects:
        tables = project.base_schema.tables if project.base_schema else ()
        known = tuple(stated or sorted({table.schema for table in tables}) or ["public"])
        for table in new_tables(project):
            made = table_made(project, table) if table.schema not in known else None
            if made is None:
                continue
            wanted = ", ".join(map(python_string, (*known, table.schema)))
            setting = f"[tool.db-recheck.policy.unexpected-schema]\nschemas = [{wanted}]"
            name, home = python_string(table.name), python_string(known[0])
            yield made.finding(
                table,
                title=f"{code(table.full_name)} is the first table in {code(table.schema)}",
                message=f"The other tables lie in {several(known)}.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        f"Create it in {code(known[0])}",
                        block(f"op.create_table({name}, …, schema={home})", "python"),
                    ),
                    Remedy(f"Allow {code(table.schema)}", block(setting, "toml")),
                ),
            )
