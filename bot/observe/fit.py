"""Whether models and schema agree: autogenerate's word, and the server's own.

Autogenerate compares texts and does not look at enum values, CHECK constraints or, as most projects
set it, server defaults. So the models' tables are also made in a database of their own, and the two
catalogues are compared as PostgreSQL sees them. What base has likewise is no news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.facts import Difference
from bot.facts.fit import Drift
from bot.facts.models import Models
from bot.observe.catalogue import Snapshot, differences
from bot.observe.inspected import CompareAnswer, ModelsAnswer, NotInspected
from bot.observe.session import Session

_MOST_TABLES = 400  # made from the models; beyond it autogenerate's word stands alone
_STATED = {  # what a model can state and autogenerate does not compare, or not in every project
    "constraint": "create_constraint",
    "index": "create_index",
    "type": "alter_type",
    "sequence": "create_sequence",
}


@dataclass(frozen=True)
class Side:
    """One tree's session, opened, and what gives its database: base's, or the upgraded one.

    ``catalogue`` is that database's, ``made`` gives that of a new database in which it has run the
    function that it is given (None: that function failed).
    """

    session: Session
    database: Callable[[], str]
    catalogue: Snapshot
    made: Callable[[Callable[[str], bool]], Snapshot | None]
    remaining: Callable[[], float]

    def models(self, paths: Sequence[str]) -> Models:
        """What its models state; lines of classes are looked for in ``paths``.

        Raises:
            NotInspected: they cannot be read.
        """
        answer = self.session.inspect(
            "models", ModelsAnswer, deadline=self.remaining(), paths=tuple(paths)
        )
        return answer.checked()

    def drift(self, models: Models) -> tuple[Drift, ...]:
        """Everything in which its models and its database differ.

        Raises:
            NotInspected: autogenerate cannot compare them.
        """
        answer = self.session.inspect(
            "compare", CompareAnswer, deadline=self.remaining(), database=self.database()
        )
        found = answer.checked()
        if len(models.tables) > _MOST_TABLES:
            return found
        built = self.made(self._create_all)
        if built is None:
            return found
        return found + tuple(unseen_by_autogenerate(models, built, self.catalogue, found))

    def _create_all(self, database: str) -> bool:
        return self.session.create_all(database, deadline=self.remaining()).ok


def unseen_by_autogenerate(
    models: Models, built: Snapshot, migrated: Snapshot, known: Iterable[Drift]
) -> Iterable[Drift]:
    """What the models' own tables have and the migrated ones lack, or have otherwise.

    Only tables that both have, and only what models state: a view, a grant or a comment of the
    migrations' own is theirs.
    """
    tables = {table.name for table in models.tables}
    gone = {item.table for item in known if item.operation in {"create_table", "drop_table"}}
    told = {(item.table, item.name) for item in known}
    found = differences(built, migrated)
    lacking = {_shape(item) for item in found if item.before is None}
    for item in found:
        if item.before is None or (item.table is not None and item.table not in tables - gone):
            continue
        name = item.name.rpartition(".")[2]
        if (item.table or "", name) in told or (item.after is None and _shape(item) in lacking):
            continue  # autogenerate told it, or it is there under another name
        if item.kind == "column" and item.attribute == "default" and item.before:
            yield _drift("alter_column", item, name, ("server_default",))
        elif item.kind in _STATED and _is_stated(item):
            yield _drift(_STATED[item.kind], item, name)


def _is_stated(item: Difference) -> bool:
    """Whether the models say so; a type or sequence of no mapped column is not their matter."""
    if item.kind == "type":
        return item.attribute is not None and "enum" in (item.before or "").lower()
    if item.kind == "sequence":
        return item.after is None
    return item.after is None or item.attribute == "definition"


def _shape(item: Difference) -> tuple[str, str | None, str]:
    """What makes two constraints or indexes the same but for their names."""
    text = (item.before if item.after is None else item.after) or ""
    short = item.name.rpartition(".")[2]
    return item.kind, item.table, text.replace(item.name, "").replace(short, "")


def _drift(operation: str, item: Difference, name: str, changes: tuple[str, ...] = ()) -> Drift:
    return Drift(operation, item.table or item.name, name, changes, difference=item)


def introduced(head: Sequence[Drift], base: Sequence[Drift]) -> tuple[Drift, ...]:
    """Head's drift, each told apart from what base has already."""
    old = {item.key for item in base}
    return tuple(replace(item, introduced=item.key not in old) for item in head)


__all__ = ["NotInspected", "Side", "introduced", "unseen_by_autogenerate"]
