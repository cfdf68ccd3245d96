"""What a CASCADE removed that its statement does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.losses.upgraded import Upgraded
from bot.explain.names.names import own_name
from bot.explain.statements.ran import Ran
from bot.facts import Difference
from bot.sql import AlterTable, Drop, Piece

_SAID = "drop cascades to "  # PostgreSQL's notice (dependency.c)
_OBJECTS = {  # what DROP calls by a wider name than the catalogue does
    "table": ("table", "partitioned table"),
    "type": ("type", "domain"),
    "routine": ("function", "procedure", "aggregate"),
}
_PARTS = ("constraint", "index", "trigger", "rule", "policy", "statistics")


def cascades(each: Ran) -> bool:
    """Whether the statement says CASCADE, or PostgreSQL says that it did."""
    noticed = any(notice.message.startswith(_SAID) for notice in each.statement.notices)
    return noticed or any(map(says_cascade, each.pieces))


def says_cascade(piece: Piece) -> bool:
    """Whether the statement itself drops with CASCADE."""
    if isinstance(piece.detail, Drop):
        return piece.detail.cascade
    if isinstance(piece.detail, AlterTable):
        return any(action.cascade for action in piece.detail.actions)
    return False


def taken_along(found: Upgraded) -> Iterator[tuple[Ran, Difference]]:
    """Each object that is gone and that no statement of the revision names, with the CASCADE.

    A table's own parts need no CASCADE to go with one of its columns: they are left out.
    """
    blamed = [each for each in found.ran if cascades(each)]
    if not blamed:
        return
    for item in found.gone():
        unnamed = not names_it(found, item) and not found.is_renamed(item)
        if unnamed and not goes_with_column(found, item):
            yield _culprit(blamed, item), item


def names_it(found: Upgraded, item: Difference) -> bool:
    """Whether a statement of the revision drops the object by its name."""
    return any(_drops(piece, item) for _, piece in found.pieces())


def _drops(piece: Piece, item: Difference) -> bool:
    own = own_name(item)
    table = item.table or ""
    if isinstance(piece.detail, Drop):
        if item.kind not in _OBJECTS.get(piece.detail.object, (piece.detail.object,)):
            return False
        bare = item.name.partition("(")[0]
        if piece.detail.relation is not None:
            named = any(name.name == own for name in piece.detail.names)
            return named and piece.detail.relation.names(table)
        return any(name.names(bare) for name in piece.detail.names)
    if isinstance(piece.detail, AlterTable):
        kind = f"drop {item.kind}"
        return piece.detail.table.names(table) and any(
            action.kind == kind and action.name == own for action in piece.detail.actions
        )
    return False


def goes_with_column(found: Upgraded, item: Difference) -> bool:
    """Whether it is part of a table and mentions a column that the revision drops from it."""
    if item.kind not in _PARTS:
        return False
    dropped = (each for each in found.gone("column") if each.table == item.table)
    return any(mentions(item.before or "", own_name(each)) for each in dropped)


def mentions(definition: str, name: str) -> bool:
    """Whether the definition holds that name as a word of its own."""
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", definition) is not None


def _culprit(blamed: list[Ran], item: Difference) -> Ran:
    """The CASCADE that removed it: the one that says so, or that drops what it mentions."""
    own = own_name(item)
    for each in blamed:
        if any(mentions(notice.message, own) for notice in each.statement.notices):
            return each
        if any(effect.dropped and effect.relation == item.name for effect in each.effects):
            return each
    for each in blamed:
        for piece in each.pieces:
            if any(mentions(item.before or "", name) for name in _named(piece)):
                return each
    return blamed[-1]


def _named(piece: Piece) -> list[str]:
    if isinstance(piece.detail, Drop):
        return [name.name for name in piece.detail.names]
    if isinstance(piece.detail, AlterTable):
        return [piece.detail.table.name]
    return []
