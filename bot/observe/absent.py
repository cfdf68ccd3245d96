"""What base needs and nobody made: read from the server's refusal. Pure.

Servers of production hold what an administrator made once by hand: extensions, the schema that the
version table lies in, the roles that revisions grant rights to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.facts import Failure
from bot.observe.absent_extension import extension_for

# What they own lies in schemas that they may create in: PostgreSQL docs, "ALTER TABLE", OWNER TO.
RIGHTS = "of these roles on schemas"
_NO_RIGHT = "42501"  # insufficient_privilege, PostgreSQL docs Appendix A
# PostgreSQL docs, Appendix A: undefined_object, invalid_schema_name
_NAMED: dict[str, tuple[Literal["role", "schema"], re.Pattern[str]]] = {
    "42704": ("role", re.compile(r'\brole "(.+?)" does not exist')),
    "3F000": ("schema", re.compile(r'\bschema "(.+?)" does not exist')),
}


@dataclass(frozen=True)
class Absent:
    """One such thing."""

    kind: Literal["extension", "schema", "role", "rights"]
    name: str


def absent(failure: Failure | None, *, roles: bool = False) -> Absent | None:
    """What was missing when it failed, None where that was nothing of the kind.

    ``roles``: some were made, and lack the right to own what base gives them.
    """
    if failure is None or failure.sqlstate is None:
        return None
    if roles and failure.sqlstate == _NO_RIGHT and "denied for schema " in failure.message:
        return Absent("rights", RIGHTS)
    if (extension := extension_for(failure)) is not None:
        return Absent("extension", extension)
    if failure.sqlstate not in _NAMED:
        return None
    kind, said = _NAMED[failure.sqlstate]
    found = said.search(failure.message)
    return Absent(kind, found[1]) if found else None
