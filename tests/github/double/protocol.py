"""Holds REST requests and answers against GitHub's OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.github.double import descriptions

LONGEST = 400  # characters of a violation that are shown


class Protocol:
    """The description of some operations."""

    def __init__(self, operations: Iterable[descriptions.Operation]) -> None:
        self.description = descriptions.rest(operations)
        unchecked = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # openapi-core's docs: None switches it off
        self._api = OpenAPI.from_dict(self.description, config=unchecked)  # GitHub's, as it is

    def request_fault(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> str:
        """What the description has against this request; empty when nothing."""
        request = MockRequest(
            "http://double",
            method.lower(),
            path,
            args=dict(query),
            data=body or None,
            content_type="application/json",
        )
        try:
            self._api.validate_request(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the request is not as described
            return _told(error)
        return ""

    def answer_fault(self, method: str, path: str, status: int, body: bytes) -> str:
        """What the description has against this answer; empty when nothing."""
        request = MockRequest("http://double", method.lower(), path)
        try:
            self._api.validate_response(request, MockResponse(body, status_code=status))
        except Exception as error:  # noqa: BLE001 - likewise
            return _told(error)
        return ""

    def example(self, name: str) -> Any:
        """The description's own example of that name."""
        return self.description["components"]["examples"][name]["value"]


def _told(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        for wrong in getattr(cause, "schema_errors", None) or ():
            place = "/".join(str(step) for step in wrong.absolute_path)
            return f"{place}: {wrong.message}"[:LONGEST]
        cause = cause.__cause__
    return f"{type(error).__name__}: {error}"[:LONGEST]
