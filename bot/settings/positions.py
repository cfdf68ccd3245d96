"""On which line of a TOML file a key stands: tomllib says what it holds and not where."""

from __future__ import annotations

import re

Path = tuple[str, ...]

_WORD = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|#[^\n]*|\n|[\[\]{}=.]|[\w+-]+|[ \t\r]+|.",
    re.DOTALL,
)


class Positions:
    """Lines (from 1) of the keys and table headers of one TOML document that tomllib accepted."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._headers: dict[Path, list[int]] = {}
        table: Path = ()
        words: list[str] = []
        depth, number, key_done = 0, 1, False
        header = False
        for match in _WORD.finditer(text):
            word = match[0]
            if word == "\n" and depth == 0:
                words, key_done, header = [], False, False
            elif word in "[{":
                header = header or (word == "[" and not words and not key_done)
                depth += 0 if header else 1
            elif word in "]}" and header:
                table = tuple(words)
                self._note(table, number)
                headers = self._headers.setdefault(table, [])
                headers += [number] if number not in headers[-1:] else []  # of `]]` the first `]`
            elif word in "]}":
                depth -= 1
            elif word == "=" and depth == 0 and not key_done:
                key_done = True
                self._note((*table, *words), number)
            elif not key_done and word != "." and not word.isspace() and word[0] != "#":
                words.append(word[1:-1] if word[0] in "\"'" else word)
            number += word.count("\n")

    def _note(self, path: Path, number: int) -> None:
        """The path stands on that line, and with it every table that is not written out."""
        for depth in range(1, len(path) + 1):
            self._lines.setdefault(path[:depth], number)

    def headers(self, path: Path) -> tuple[int, ...]:
        """The lines of that table's headers: of an array of tables one for each of its tables."""
        return tuple(self._headers.get(path, ()))

    def line(self, path: Path) -> int:
        """The line of that key, else of the innermost table or key that holds it, else 1."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1
