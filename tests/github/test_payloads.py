"""Payloads that GitHub published as examples are read, and none of them is misunderstood."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.event import Asked, BadPayload, Finished, Nothing, Payload, Review, Warm, read_event
from tests.github.conftest import must_run
from tests.github.fetch_descriptions import FOLDER, Unavailable, _pack

PACKAGE = "@octokit/webhooks-examples@7.6.1"
ANSWERED = ("pull_request", "merge_group", "push", "workflow_dispatch", "issue_comment")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """GitHub's examples by the event's name, of github.com and of Enterprise Servers."""
    kept = FOLDER / "payloads-7.6.1.json"
    if not kept.exists():
        try:
            _fetch(kept, tmp_path_factory.mktemp("npm"))
        except Unavailable as error:
            if must_run():
                pytest.fail(f"{error} (and nothing may be skipped here)")
            pytest.skip(f"{error}: real payloads were not read")
    found: dict[str, list[dict[str, Any]]] = json.loads(kept.read_text())
    return found


def _fetch(target: Path, room: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("there is no npm client to fetch GitHub's payloads with")
    target.parent.mkdir(exist_ok=True)
    _unpack(_pack(npm, PACKAGE, room), target)


def _unpack(archive: Path, target: Path) -> None:
    found: dict[str, list[Any]] = {}
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            held = packed.extractfile(member) if member.name.endswith("/index.json") else None
            for event in json.load(held) if held else ():
                found.setdefault(event["name"], []).extend(event["examples"])
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(found))
    partial.replace(target)


def test_every_example_is_understood(examples: dict[str, list[dict[str, Any]]]) -> None:
    """Each becomes what it is; the only ones without a commit are invented."""
    seen: Counter[tuple[str, str]] = Counter()
    for name in (*ANSWERED, "workflow_run"):
        for payload in examples[name]:
            try:
                event = read_event(name, Payload(payload), "c" * 40)
            except BadPayload as error:
                seen[name, f"refused: {error}"] += 1
                continue
            seen[name, type(event).__name__] += 1
            if isinstance(event, Review) and name == "pull_request":
                head = payload["pull_request"]["head"]
                assert event.head == head["sha"]
                assert event.fork == (
                    (head["repo"] or {}).get("full_name") != payload["repository"]["full_name"]
                )
            if isinstance(event, Asked):
                assert payload["issue"]["pull_request"]
    kinds = {name: {kind for event, kind in seen if event == name} for name, _ in seen}
    assert Review.__name__ in kinds["pull_request"]
    assert kinds["pull_request"] <= {Review.__name__, Nothing.__name__}
    assert kinds["merge_group"] == {Review.__name__}
    assert kinds["push"] <= {Warm.__name__, Nothing.__name__}
    assert kinds["workflow_dispatch"] == {Review.__name__}
    assert kinds["issue_comment"] <= {Asked.__name__, Nothing.__name__}
    assert kinds["workflow_run"] <= {Finished.__name__, Nothing.__name__}


def test_every_other_event_is_nothing(examples: dict[str, list[dict[str, Any]]]) -> None:
    """All that GitHub sends, but for the six."""
    others = set(examples) - {*ANSWERED, "workflow_run"}
    assert len(others) > 40
    for name in others:
        for payload in examples[name]:
            assert isinstance(read_event(name, Payload(payload)), Nothing)
