"""What the bot repeats of the user's own rows: their shape, never what they say. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.facts import Failure

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_LONG = 300  # characters of a message
_DATA = "22"  # the class of data exceptions: their messages repeat the value


def shape(text: str) -> str:
    """The text with an x for every letter and a 9 for every digit."""
    return re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", text))


def without_values(failure: Failure) -> Failure:
    """The failure of rows that were made up: their values would only mislead."""
    message = failure.message.partition("\nDETAIL:")[0]
    return replace(failure, message=message if len(message) <= _LONG else message[:_LONG] + "…")


def masked(failure: Failure) -> Failure:
    """The failure without the values that its message repeats; names of objects stay."""
    message = failure.message.partition("\nDETAIL:")[0]
    if failure.sqlstate is None or failure.sqlstate.startswith(_DATA):
        message = _QUOTED.sub(lambda match: shape(match[0]), message)
    return replace(failure, message=message)
