"""What runs in the sandbox: one policy over the facts, its findings to one descriptor.

    python program.py POLICY.py FACTS.json OPTIONS.json DESCRIPTOR

Nothing here is trusted by whoever reads the descriptor: the policy shares this process.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from inspect import signature
from pathlib import Path

import msgspec

from bot.facts.serial import from_json
from bot.policy import Options


def main(policy: str, facts: str, options: str, descriptor: str) -> None:
    """Run the policy and write what it says."""
    try:
        said: object = {"findings": _findings(Path(policy), Path(facts), Path(options))}
    except BaseException as error:  # noqa: BLE001 - whatever it raises is told as its fault
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == policy
        ]
        text = f"{type(error).__name__}: {error}"[:1000]
        said = {"error": text, "line": lines[-1] if lines else None}
    with os.fdopen(int(descriptor), "wb") as out:
        out.write(msgspec.json.encode(said))


def _findings(policy: Path, facts: Path, options: Path) -> list[object]:
    spec = importlib.util.spec_from_file_location("own_policy", policy)
    if spec is None or spec.loader is None:
        raise ImportError(str(policy))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    known = from_json(facts.read_bytes())
    stated = msgspec.json.decode(options.read_bytes(), type=Options)
    asks = len(signature(module.check).parameters) > 1
    found = list(module.check(known, stated) if asks else module.check(known))
    said = msgspec.to_builtins(found)
    for item in said:
        for remedy in item["remedies"]:
            remedy.pop("patch", None)
    return list(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
