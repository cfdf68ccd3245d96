"""The small repositories of the reviews."""

from tests.postgres.review.conftest import repository

__all__ = ["repository"]
