"""What base's schema holds already."""

from __future__ import annotations

from bot.facts import Project


def names_at_base(project: Project) -> frozenset[str]:
    """The bare names of base's tables, columns, constraints, indexes, views, types, sequences."""
    base = project.base_schema
    if base is None:
        return frozenset()
    found = {each.name for each in base.tables}
    found |= {each.name for each in base.views} | {each.name for each in base.sequences}
    found |= {each.name.partition(".")[2] for each in base.enums}
    found |= {each.name.partition(".")[2] for each in base.domains}
    for table in base.tables:
        found |= {each.name for each in table.columns} | {each.name for each in table.triggers}
        found |= {each.name for each in table.constraints}
        found |= {each.name.partition(".")[2] for each in table.indexes}
    return frozenset(found)
