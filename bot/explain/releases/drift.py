"""New differences between head's models and head's schema: where they sit, how to close them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.explain.code.undo import take_back
from bot.explain.history.revisions import first_added_line, present
from bot.explain.names.names import execute, sql_name
from bot.explain.schema.enums import added_values
from bot.facts import Change, ChangedRevision, Difference, Facts, Project, State, Statement
from bot.facts.fit import Drift
from bot.facts.models import MappedClass, Models
from bot.sql import pieces
from bot.wording import code

_LACKS = {
    "create_table": "the table is not there",
    "drop_table": "no model states the table",
    "add_column": "column {name} is not there",
    "drop_column": "no model states column {name}",
    "create_index": "index {name} is not there, or is another one",
    "drop_index": "no model states index {name}",
    "create_constraint": "constraint {name} is not there, or is another one",
    "create_unique_constraint": "unique constraint {name} is not there",
    "create_foreign_key": "foreign key {name} is not there",
    "create_check_constraint": "check {name} is not there",
    "drop_constraint": "no model states constraint {name}",
    "alter_type": "it has other values",
    "create_sequence": "sequence {name} is not there",
}
_CHANGES = {
    "type": "type",
    "nullable": "nullability",
    "server_default": "server default",
    "comment": "comment",
}
_ROWS = ("insert", "update", "delete", "merge")
_ADD = "ALTER TYPE {} ADD VALUE {}"


@dataclass(frozen=True)
class Gap:
    """The new drift of one table (or type): what is missing, and the code that closes it."""

    project: Project
    table: str
    drift: tuple[Drift, ...]

    @property
    def model(self) -> MappedClass | None:
        """The class that maps the table, or has a column of the type, if one does."""
        return self._in(self.project.models)

    @property
    def is_of_a_library(self) -> bool:
        """Whether the class, or base's where head's models have none, lies outside the tree."""
        model = self.model or self._in(self.project.base_models)
        return model is not None and not model.path

    def _in(self, models: Models | None) -> MappedClass | None:
        if models is None:
            return None
        tables = {self.table} | {
            table.name
            for table in models.tables
            if any(column.type == sql_name(self.table) for column in table.columns)
        }
        return next((item for item in models.classes if item.table in tables), None)

    @property
    def overlooked(self) -> bool:
        """Whether the table is there, in a schema that autogenerate was not told to look at."""
        schema, done = self.project.schema, {item.operation for item in self.drift}
        missing = "create_table" in done and "drop_table" not in done
        return missing and schema is not None and schema.table(self.table) is not None

    @property
    def words(self) -> str:
        """One line each, as Markdown."""
        return "\n".join(f"- {code(self.table)}: {_told(item)}" for item in self.drift)

    @property
    def operations(self) -> str:
        """Alembic code that brings the schema to the models."""
        lines = [item.code for item in self.drift if item.code]
        rest = []
        for item in self.drift:
            if item.difference is None:
                continue
            values = added_values(_turned(item.difference))
            lines += [execute(_ADD.format(sql_name(self.table), _quoted(v))) for v in values]
            rest += [] if values else [item.difference]
        return "\n".join([*lines, *([take_back(rest)] if rest else [])])

    def in_revision(self) -> tuple[ChangedRevision, int] | None:
        """The last changed revision that altered the table, and the line where it did.

        Where the catalogue shows none, the last that touched it at all.
        """
        touched = [
            (item, statement)
            for item in present(self.project)
            for statement in item.round_trip.upgrade.statements
            if any(effect.table == self.table for effect in statement.effects)
        ]
        altered = [each for each in touched if self._alters(*each)]
        for item, statement in reversed(altered or touched):
            inside = statement.path == item.path and statement.line > 0
            return item, statement.line if inside else item.anchors.upgrade
        return None

    def _alters(self, item: ChangedRevision, statement: Statement) -> bool:
        """Whether the table is another after the revision, and not by this statement's rows."""
        changed = item.round_trip.upgrade.changed
        if not any(self.table in {each.table, each.name} for each in changed):
            return False
        return any(piece.kind not in _ROWS for piece in pieces(statement.sql))


def gaps(project: Project) -> Iterator[Gap]:
    """The new drift, table by table, in the order in which it was found."""
    return (gap for gap in _gaps(project) if not gap.overlooked)


def overlooked(project: Project) -> Iterator[Gap]:
    """What autogenerate takes for missing, and is there."""
    return (gap for gap in _gaps(project) if gap.overlooked)


def _gaps(project: Project) -> Iterator[Gap]:
    new = [
        item
        for item in project.drift
        if item.introduced and not (_is_comment(item) or _of_partitions(project, item))
    ]
    for table in dict.fromkeys(item.table for item in new):
        yield Gap(project, table, tuple(item for item in new if item.table == table))


def _is_comment(item: Drift) -> bool:
    """Comments are for readers: a revision may set one that no model repeats."""
    return item.operation.endswith("_table_comment") or item.changes == ("comment",)


def _of_partitions(project: Project, item: Drift) -> bool:
    """Partitions that no model states, as none does, and where an index stands of the parent's."""
    found = item.difference
    if found is not None and found.kind == "index" and found.before and found.after:
        return found.before == found.after.replace(" ON ONLY ", " ON ", 1)
    table = project.schema.table(item.table) if project.schema else None
    stated = {each.name for each in project.models.tables} if project.models else set()
    apart = table is not None and table.partition_of is not None and item.table not in stated
    return apart and item.operation.startswith("drop_")


def added(project: Project) -> list[ChangedRevision]:
    """The revisions that the change adds."""
    return [item for item in present(project) if item.change is Change.ADDED]


def arrived(project: Project) -> bool:
    """Whether the schema is what the whole change makes: each upgrade ran, and was committed."""
    return all(
        up.state is State.OK and (up.changed or set(up.stamped) == set(up.expected))
        for up in (item.round_trip.upgrade for item in added(project))
    )


def models_changed(facts: Facts, project: Project) -> bool:
    """Whether head's models state anything that base's do not, or the reverse."""
    if project.models is None:
        return False
    if project.base_models is None:
        paths = {item.path for item in facts.files}
        return any(item.path in paths for item in project.models.classes)
    return project.models.tables != project.base_models.tables


def env_py(project: Project) -> str:
    """The path of the project's env.py."""
    return f"{project.script_location}/env.py" if project.script_location else "env.py"


def place(facts: Facts, gap: Gap) -> tuple[str, int, str | None]:
    """Path, line and revision for a finding about models: the class, if the change touched it.

    A library's class is in no file of the change: env.py is what takes it in.
    """
    model = gap.model
    if model is not None and model.line:
        return model.path, model.line, None
    found = gap.in_revision()
    if found is not None:
        return found[0].path, found[1], found[0].revision
    if gap.is_of_a_library:
        path = env_py(gap.project)
        return path, first_added_line(facts, path, 1), None
    changed = {item.path for item in facts.files}
    models = gap.project.models
    for item in models.classes if models else ():
        if item.path in changed:
            return item.path, max(item.line, 1), None
    last = next(reversed(present(gap.project)), None)
    if last is not None:
        return last.path, last.anchors.upgrade, last.revision
    return (model.path if model and model.path else gap.project.config), 1, None


def _turned(item: Difference) -> Difference:
    return replace(item, before=item.after, after=item.before)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _told(item: Drift) -> str:
    name = code(item.name)
    if item.operation == "alter_column":
        what = " and ".join(_CHANGES.get(change, change) for change in item.changes)
        told = f"the models have another {what or 'definition'} for column {name}"
        if "type" in item.changes and item.type:
            told += f" ({code(item.type)})"
        return told + _both(item)
    told = _LACKS.get(item.operation, f"{code(item.operation)} {name}").format(name=name)
    return told + _both(item)


def _both(item: Drift) -> str:
    difference = item.difference
    if difference is None or difference.before is None:
        return ""
    schema = code(difference.after) if difference.after else "nothing"
    return f": {code(difference.before)} in the models, {schema} in the schema"


def short(table: str) -> str:
    """The table as the reader's SQL calls it, as a code span."""
    return code(sql_name(table))
