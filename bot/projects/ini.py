"""Ini files, read as Alembic reads them: configparser, interpolation, the locale being UTF-8."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping, MutableMapping

from bot.projects.tree import ConfigurationProblem, parent

HERE = "/\x01tree"  # stands for the repository's root in %(here)s: no real path starts so
_PARTS = 10_000  # of one interpolated value
_CHARACTERS = 1_000_000


class _TooLarge(Exception):
    """A value grows beyond what any honest file holds."""


class _Parts(list[str]):
    """The parts of one value while it is being interpolated, bounded in number and size."""

    def __init__(self) -> None:
        super().__init__()
        self._characters = 0

    def append(self, part: str) -> None:
        """Add a part.

        Raises:
            _TooLarge: there are too many already, or they are too long.
        """
        self._characters += len(part)
        if len(self) >= _PARTS or self._characters > _CHARACTERS:
            raise _TooLarge
        super().append(part)


class _Bounded(configparser.BasicInterpolation):
    """configparser's own interpolation, in which ten short lines cannot make a terabyte."""

    def before_get(
        self,
        parser: MutableMapping[str, Mapping[str, str]],
        section: str,
        option: str,
        value: str,
        defaults: Mapping[str, str],
    ) -> str:
        """The value with its references replaced."""
        parts = _Parts()
        try:
            self._interpolate_some(parser, option, parts, value, section, defaults, 1)  # type: ignore[attr-defined]  # what the method that this one replaces does
        except _TooLarge:
            told = f"its references make it longer than {_CHARACTERS} characters"
            raise configparser.InterpolationError(option, section, told) from None
        return "".join(parts)


class Ini:
    """One parsed ini file; ``sections`` are those that configure an Alembic environment."""

    def __init__(self, path: str, text: str, parser: configparser.ConfigParser) -> None:
        self.path = path
        self._text = text
        self._parser = parser

    @property
    def sections(self) -> tuple[str, ...]:
        """Sections that state ``script_location`` themselves, and ``alembic`` in any case."""
        named = [
            name
            for name in self._parser.sections()
            if name == "alembic" or self.line(name, "script_location") is not None
        ]
        return tuple(sorted(named, key=lambda name: name != "alembic"))

    def get(self, section: str, option: str) -> str | ConfigurationProblem | None:
        """The option's interpolated value, None when it is not stated, or what is wrong with it."""
        try:
            return self._parser.get(section, option, fallback=None)
        except configparser.Error as error:
            line = self.line(section, option) or 1
            reason = " ".join(str(error.message).split())
            return ConfigurationProblem(
                self.path, line, f"{option} cannot be read: {reason} (a literal % is written %%)"
            )

    def line(self, section: str, option: str) -> int | None:
        """The line (from 1) on which the section states the option, None when it does not."""
        current = None
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := re.match(r"\[(?P<name>.+)\]", line.strip()):
                current = header["name"]
            elif current == section and re.match(
                rf"{re.escape(option)}\s*(?:[=:]|$)", line.lstrip(), re.IGNORECASE
            ):
                return number
        return None


def parse_ini(path: str, data: bytes) -> Ini | ConfigurationProblem:
    """An ini file's sections, or what keeps configparser from reading it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return ConfigurationProblem(path, line, "is not UTF-8: save it in that encoding")
    if text.startswith("\ufeff"):
        return ConfigurationProblem(
            path, 1, "starts with a byte order mark, which Alembic cannot read: save it without"
        )
    folder = parent(path)
    parser = configparser.ConfigParser(
        {"here": f"{HERE}/{folder}" if folder else HERE}, interpolation=_Bounded()
    )
    try:
        parser.read_string(text, source=path)
    except configparser.Error as error:
        return ConfigurationProblem(path, *_explain(error))
    except (ValueError, AttributeError, TypeError) as error:
        # configparser itself stumbles over some continuation lines with other exceptions
        return ConfigurationProblem(path, 1, f"cannot be read as an ini file: {error}")
    return Ini(path, text, parser)


def _explain(error: configparser.Error) -> tuple[int, str]:
    """The line at fault, from 1, and what is wrong with it."""
    match error:
        case configparser.MissingSectionHeaderError():
            return error.lineno, "stands before the first [section]"
        case configparser.ParsingError():
            line = error.errors[0][0] if error.errors else 1
            return line, "is neither a [section] nor an option = value"
        case configparser.DuplicateOptionError():
            told = f"option {error.option!r} of [{error.section}] is stated twice: remove one"
            return error.lineno or 1, told
        case configparser.DuplicateSectionError():
            return error.lineno or 1, f"section [{error.section}] is stated twice: remove one"
    return 1, f"cannot be read as an ini file: {error.message}"
