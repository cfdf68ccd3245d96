"""SQL as PostgreSQL's own parser reads it: the only code that imports ``postgast``.

``pieces`` never raises: what cannot be parsed is a piece of kind ``unknown``. What a parse tree
tells is ``certain``, never ``observed``: what a statement did is told by its effects.
"""

from __future__ import annotations

from bot.sql.names import Name, quoted
from bot.sql.read import pieces
from bot.sql.redact import redacted
from bot.sql.statements import (
    AlterTable,
    Cluster,
    Comment,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateTable,
    Detail,
    Do,
    Drop,
    IndexKey,
    LockTable,
    Modify,
    Piece,
    Refresh,
    Reindex,
    Rename,
    SetParameter,
    Transaction,
    Truncate,
    Vacuum,
)
from bot.sql.tables import Action, Bound, Column, Constraint, Default

__all__ = [
    "Action",
    "AlterTable",
    "Bound",
    "Cluster",
    "Column",
    "Comment",
    "Constraint",
    "CreateFunction",
    "CreateIndex",
    "CreateSchema",
    "CreateTable",
    "Default",
    "Detail",
    "Do",
    "Drop",
    "IndexKey",
    "LockTable",
    "Modify",
    "Name",
    "Piece",
    "Refresh",
    "Reindex",
    "Rename",
    "SetParameter",
    "Transaction",
    "Truncate",
    "Vacuum",
    "pieces",
    "quoted",
    "redacted",
]
