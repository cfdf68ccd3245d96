"""Names of relations as a statement wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.sql.keywords import KEYWORDS

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


@dataclass(frozen=True)
class Name:
    """A relation's name, folded to lower case where it was not quoted.

    ``schema`` is None where the statement left it to the ``search_path``.
    """

    name: str
    schema: str | None = None

    @property
    def sql(self) -> str:
        """The name as SQL writes it, quoted where it must be."""
        return ".".join(quoted(part) for part in (self.schema, self.name) if part is not None)

    def names(self, relation: str) -> bool:
        """Whether the facts' ``schema.name`` can be meant: without a schema, any one's."""
        if self.schema is not None:
            return relation == f"{self.schema}.{self.name}"
        return relation == self.name or relation.endswith(f".{self.name}")


def quoted(part: str) -> str:
    """One identifier as SQL writes it: quoted where case, characters or a keyword demand it.

    Source: PostgreSQL's ``quote_identifier``, which quotes every keyword that is not unreserved.
    """
    if _PLAIN.fullmatch(part) and part not in KEYWORDS:
        return part
    return '"' + part.replace('"', '""') + '"'
