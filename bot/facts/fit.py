"""How models and a database fit: what autogenerate finds, and what the models' code meets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.facts.catalogue import Difference


@dataclass(frozen=True)
class Drift:
    """One operation that would bring the schema at head to head's models.

    ``operation`` is Alembic's word ("add_column", "create_table", "alter_column", …), ``table`` is
    ``schema.table``, ``name`` the column, index or constraint, "" for a table. ``changes`` tells an
    ``alter_column`` apart: "type", "nullable", "server_default", "comment". ``type`` is the DDL of
    the column's type in the models, ``code`` the Alembic operation that closes the gap.
    ``introduced`` is false where base's models and base's schema differ in the same way.
    ``difference`` is set for what autogenerate does not see: it comes from the catalogues of a
    database that the models made (``before``) and of the migrated one (``after``).
    """

    operation: str
    table: str
    name: str = ""
    changes: tuple[str, ...] = ()
    type: str = ""
    code: str = ""
    introduced: bool = True
    difference: Difference | None = None

    @property
    def detail(self) -> str:
        """What it is about in a few words: ``nick VARCHAR(50)``, ``total: type``."""
        named = f"{self.name}: {', '.join(self.changes)}" if self.changes else self.name
        return f"{named} {self.type}".strip()

    @property
    def key(self) -> tuple[str, str, str, tuple[str, ...]]:
        """What makes two the same difference, whatever their code says."""
        return self.operation, self.table, self.name, self.changes


class Kind(Enum):
    """A statement that a model's code sends."""

    SELECT = "select"
    INSERT = "insert"
    MINIMAL = "insert minimal"  # with nothing but what a row cannot do without; the rest is NULL
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Sent:
    """One statement of one model, as SQLAlchemy writes it, sent to one schema and rolled back.

    ``types`` are the type oids of ``columns`` as the server described them. ``message`` and
    ``sqlstate`` are set when it failed; ``skipped`` says why it was not sent.
    """

    table: str
    model: str
    kind: Kind
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    failed: bool = False
    sqlstate: str | None = None
    message: str | None = None
    statement: str | None = None
    skipped: str | None = None


@dataclass(frozen=True)
class Deploy:
    """The models of one tree on the schema of the other.

    ``before`` and ``after`` are the statements of base's models on base's schema and on the
    upgraded one; ``new_on_old`` those of head's models on base's schema, ``new_on_new`` on the
    upgraded one. Pairs are found by (table, model, kind).
    """

    before: tuple[Sent, ...] = ()
    after: tuple[Sent, ...] = ()
    new_on_old: tuple[Sent, ...] = ()
    new_on_new: tuple[Sent, ...] = ()
