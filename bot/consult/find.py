"""Which table of which project is meant by a word."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from bot.facts import Project
from bot.facts.schema import Schema, Table
from bot.wording import code, several


class NotThere(Exception):
    """Nothing of that name; the message says what there is. Markdown."""


def tables(projects: Sequence[Project], word: str) -> tuple[tuple[Project, Table], ...]:
    """The table in every project that has it: by ``schema.name``, else by its bare name.

    A bare name that several schemas have is the one in ``public`` where there is one.

    Raises:
        NotThere: no project has it, or several schemas do.
    """
    found = tuple(
        (project, table)
        for project in projects
        if project.schema is not None
        for table in _meant(project.schema, word)
    )
    if not found:
        raise NotThere(_nowhere(projects, word))
    return found


def _meant(schema: Schema, word: str) -> Iterator[Table]:
    bare = word.replace('"', "")
    for fitting in (
        [table for table in schema.tables if table.full_name == bare],
        [table for table in schema.tables if table.name == bare],
        [table for table in schema.tables if table.name.lower() == bare.lower()],
    ):
        public = [table for table in fitting if table.schema == "public"]
        if len(fitting) > 1 and len(public) != 1:
            names = several([table.full_name for table in fitting])
            raise NotThere(f"{code(word)} can be {names}: say which")
        if fitting:
            yield (public or fitting)[0]
            return


def _nowhere(projects: Sequence[Project], word: str) -> str:
    schemas = [project.schema for project in projects if project.schema is not None]
    bare = word.replace('"', "").rpartition(".")[2]
    views = [view for each in schemas for view in each.views if bare in (view.name, view.full_name)]
    if views:
        return f"{code(word)} is a {views[0].kind}, not a table"
    gone = [
        table.full_name
        for project in projects
        if project.base_schema is not None
        for table in project.base_schema.tables
        if word in (table.name, table.full_name)
    ]
    if gone:
        return f"{code(gone[0])} is there at base and no longer at head: the change drops it"
    names = {table.name: table.full_name for each in schemas for table in each.tables}
    close = difflib.get_close_matches(bare, names, 3)
    hint = f"; {_near([names[name] for name in close])}" if close else ""
    if not names:
        hint = "; there is no table at all"
    return f"there is no table {code(word)} at head{hint}"


def _near(names: list[str]) -> str:
    return f"near it {'is' if len(names) == 1 else 'are'} {several(names)}"


def column_hint(table: Table, word: str) -> str:
    """That there is no such column, with those that are near."""
    names = [column.name for column in table.columns]
    close = difflib.get_close_matches(word, names, 3)
    hint = _near(close) if close else f"it has {several(names, 12)}"
    return f"{code(table.full_name)} has no column {code(word)}; {hint}"
