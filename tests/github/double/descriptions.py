"""GitHub's descriptions, cut to what is used and kept: from 13 MB of JSON to a few hundred kB."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_ast_schema, parse

FOLDER = Path(__file__).parents[1] / ".descriptions"
FORM = 3  # of the cut; counted up when it is made otherwise
Operation = tuple[str, str]


def rest(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI description of those operations (method, path) and what they refer to.

    An answer that GitHub gives and does not describe for an operation (403, say) is described by
    its general error. A request may hold only fields that are described.
    """
    wanted = sorted(operations)
    source = FOLDER / "rest.json"
    name = hashlib.sha256(repr((wanted, source.stat().st_mtime_ns, FORM)).encode()).hexdigest()[:16]
    kept = FOLDER / f"cut-{name}.json"
    if kept.exists():
        held: dict[str, Any] = json.loads(kept.read_bytes())
        return held
    cut = _cut(json.loads(source.read_bytes()), wanted)
    partial = kept.with_suffix(f".{id(cut)}")
    partial.write_text(json.dumps(cut))
    partial.replace(kept)
    return cut


@cache
def graphql_schema() -> GraphQLSchema:
    """GitHub's whole GraphQL schema."""
    source = FOLDER / "schema.graphql"
    kept = FOLDER / f"schema-{source.stat().st_mtime_ns}.pickle"
    if kept.exists():
        tree = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file, written just below
    else:
        tree = parse(source.read_text(), no_location=True)
        partial = kept.with_suffix(f".{id(tree)}")
        partial.write_bytes(pickle.dumps(tree))
        partial.replace(kept)
    return build_ast_schema(tree, assume_valid=True)


def _cut(whole: dict[str, Any], wanted: Iterable[Operation]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for method, path in wanted:
        operation = whole["paths"][path][method.lower()]
        held = {
            key: operation[key]
            for key in ("parameters", "requestBody", "responses")
            if key in operation
        }
        held["operationId"] = operation["operationId"]
        for body in held.get("requestBody", {}).get("content", {}).values():
            _close(body["schema"])
        for status in ("401", "403", "404", "410", "422", "429", "500", "502", "503"):
            held["responses"].setdefault(status, {"description": "", "content": _ERROR})
        paths.setdefault(path, {})[method.lower()] = held
    cut: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": whole["info"]["title"], "version": whole["info"]["version"]},
        "servers": [{"url": "http://double"}],
        "paths": paths,
        "components": {},
    }
    pending = [paths, {"$ref": "#/components/schemas/basic-error"}]
    while pending:
        for kind, name in set(
            re.findall(r'"#/components/([\w-]+)/([^"/]+)"', json.dumps(pending.pop()))
        ):
            found = cut["components"].setdefault(kind, {})
            if name not in found:
                found[name] = whole["components"][kind][name]
                _let_null_be(found[name])
                pending.append(found[name])
    _let_forks_be_deleted(cut["components"]["schemas"])
    return cut


_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/basic-error"}}}


def _let_forks_be_deleted(schemas: dict[str, Any]) -> None:
    """Let the head's repository be null, as GitHub answers once a fork is gone.

    The description of GitHub's webhooks says so, that of its REST API does not.
    """
    for name in ("pull-request", "pull-request-simple"):
        head = schemas[name]["properties"]["head"]["properties"]
        held = head["repo"]
        if "$ref" in held:
            held = schemas[held["$ref"].rpartition("/")[2]]
        head["repo"] = {**held, "nullable": True}


def _let_null_be(schema: Any) -> None:
    """Add null to enumerations that are nullable and do not say so: GitHub does answer null."""
    if isinstance(schema, dict):
        if schema.get("nullable") is True and isinstance(schema.get("enum"), list):
            schema["enum"] = [*schema["enum"], None]
        for part in schema.values():
            _let_null_be(part)
    elif isinstance(schema, list):
        for part in schema:
            _let_null_be(part)


def _close(schema: Any) -> None:
    """Refuse fields that a request's schema does not name: they would be typing errors."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for part in schema.values():
            _close(part)
    elif isinstance(schema, list):
        for part in schema:
            _close(part)
