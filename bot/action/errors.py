"""Why a step cannot do what its workflow asks for."""

from __future__ import annotations


class ActionError(Exception):
    """The step cannot do what the workflow asks for; the message says why and what to do."""
