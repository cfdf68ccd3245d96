"""Python source to a syntax tree, whatever a stranger wrote."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

LIMIT_BYTES = 8 * 1024 * 1024  # a larger file is no source that anybody reviews

# Import statements are found by their words: fifty times faster than a syntax tree, and what stands
# in a string is found too, which only makes more files count as reachable.
_IMPORT = re.compile(
    r"(?:^|[;:])[ \t\f]*(?:"
    r"import[ \t]+(?P<modules>[^\n#;]+)"
    r"|from(?:[ \t]+|(?=\.))(?P<source>\.+(?:[ \t]?\w[.\w]*)?|\w[.\w]*)(?:[ \t]+|(?<=\.))import\b"
    r"[ \t]*(?P<names>\((?:[^)#]|#[^\n]*)*\)|[^\n#;]+))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class SyntaxProblem:
    """Why there is no syntax tree: the line (from 1) and Python's own message."""

    line: int
    message: str


@dataclass(frozen=True)
class Import:
    """One imported module: ``level`` dots, the dotted ``module``, and the names taken from it."""

    module: str
    level: int = 0
    names: tuple[str, ...] = ()


def parse(source: str | bytes) -> ast.Module | SyntaxProblem:
    """The syntax tree. Never raises for what the text holds."""
    if len(source) > LIMIT_BYTES:
        return SyntaxProblem(1, f"the file is larger than {LIMIT_BYTES // 1024**2} MiB")
    if isinstance(source, str):
        source = source.removeprefix("\ufeff")
    if line := _null_line(source):  # Python's versions differ in what they raise, and name none
        return SyntaxProblem(line, "the source holds a null byte")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the target's style, not of this program
            return ast.parse(source)
    except SyntaxError as error:
        return SyntaxProblem(max(error.lineno or 1, 1), error.msg or "invalid syntax")
    except (RecursionError, MemoryError):
        return SyntaxProblem(1, "the source is nested too deeply")
    except ValueError as error:  # lone surrogates
        return SyntaxProblem(1, str(error))


def _null_line(source: str | bytes) -> int | None:
    """The line of the first null character, from 1, None without one."""
    if isinstance(source, bytes):
        at = source.find(b"\0")
        return source.count(b"\n", 0, at) + 1 if at >= 0 else None
    at = source.find("\0")
    return source.count("\n", 0, at) + 1 if at >= 0 else None


def imports(text: str) -> tuple[Import, ...]:
    """Every module the text imports, and some that only its strings mention."""
    found: list[Import] = []
    for match in _IMPORT.finditer(re.sub(r"\r\n?", "\n", text).replace("\\\n", " ")):
        if match["modules"]:
            clauses = match["modules"].split(",")
            found += [Import(words[0]) for clause in clauses if (words := clause.split())]
            continue
        source = "".join(match["source"].split())
        module = source.lstrip(".")
        names = re.sub(r"#[^\n]*", "", match["names"]).strip("() \t\r\n").split(",")
        found.append(
            Import(
                module,
                len(source) - len(module),
                tuple(words[0] for name in names if (words := name.split())),
            )
        )
    return tuple(found)
