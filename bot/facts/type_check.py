"""What the target's own type checker says of its files. No opinions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Checker = Literal["mypy", "pyright"]


@dataclass(frozen=True)
class TypeComplaint:
    """One error of the checker's: ``code`` is its short name ("arg-type"), "" without one.

    ``checker`` is whose it is; basedpyright's are pyright's.
    """

    path: str
    line: int
    message: str
    code: str = ""
    checker: Checker = "mypy"
