"""What the models on the base branch map: the code that still runs while the upgrade does."""

from __future__ import annotations

from bot.facts import Project


def unmapped(project: Project, table: str, column: str | None = None) -> bool:
    """Whether base's models, as far as they were read, have no such table or column.

    False where they were not read, or not all of them.
    """
    models = project.base_models
    if models is None or not models.tables or models.unread:
        return False
    found = models.table(table)
    if column is None or found is None:
        return found is None
    return found.column(column) is None
