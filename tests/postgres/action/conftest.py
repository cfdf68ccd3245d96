"""The job of the unit tests, here with a database behind it."""

from __future__ import annotations

from tests.unit.action.conftest import Job, job

__all__ = ["Job", "job"]
