"""One policy of a team's own, run where it can reach nothing, for a bounded time."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

import bot
from bot.custom.files import RunOwn
from bot.custom.said import MOST_BYTES, NotUnderstood, findings_of
from bot.facts import Facts
from bot.facts.serial import to_json
from bot.observe import processes
from bot.observe.layers import SandboxError, left_out
from bot.observe.reach import interpreter_folders
from bot.observe.room import Room
from bot.observe.sandbox import Sandbox, prepare_sandbox
from bot.policy import Finding, Options, Unjudged
from bot.settings import OwnFile

_PROGRAM = Path(__file__).with_name("program.py")
_LEFT_OUT = ("__pycache__", "observe", "github", "action", "changes", "projects", "policies")
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Bounds:
    """What one policy may take: seconds, and bytes of memory and of files."""

    seconds: float = 20.0
    memory: int = 512 * 1024 * 1024
    files: int = 1024 * 1024


BOUNDS = Bounds()


def sandboxed(temporary: Path, environ: Mapping[str, str], bounds: Bounds = BOUNDS) -> RunOwn:
    """What runs policies: each in a process of its own, without network, token or checkout."""

    def run(file: OwnFile, facts: Facts, options: Options) -> tuple[Finding, ...]:
        try:
            with Room(temporary) as room:
                sandbox = prepare_sandbox(room, zone=environ.get("TZ"), without=left_out(environ))
                data = _said(file, facts, options, room, sandbox, bounds)
            return findings_of(data, facts)
        except NotUnderstood as error:
            raise Unjudged(str(error), _MEND.format(file.path, file.id)) from None
        except (SandboxError, OSError) as error:
            raise Unjudged(
                f"it could not be confined: {error}", "Do what the message says, and run it again."
            ) from None

    return run


_MEND = 'Mend {} on the base branch; `{} = "off"` under `[policies]` switches it off.'


def _said(
    file: OwnFile,
    facts: Facts,
    options: Options,
    room: Room,
    sandbox: Sandbox,
    bounds: Bounds,
) -> bytes:
    """All that the policy wrote to its pipe.

    Raises:
        NotUnderstood: it took too long, or wrote too much.
    """
    place = room.folder("own", mode=0o755)
    _copy(place)
    policy = place / file.path.rpartition("/")[2]
    for path, data in (
        (policy, file.text.encode()),
        (place / "facts.json", to_json(facts)),
        (place / "options.json", msgspec.json.encode(_plain(options))),
    ):
        path.write_bytes(data)
        path.chmod(0o644)
    python = Path(sys.executable)
    listen, speak = os.pipe()
    words = [str(policy), str(place / "facts.json"), str(place / "options.json"), str(speak)]
    environ = sandbox.environment(python, {"PYTHONPATH": str(place / "code")})
    limits = replace(sandbox.limits, address_space=bounds.memory, file_size=bounds.files)
    try:
        process = sandbox.start(
            [str(python), "-B", str(place / "program.py"), *words],
            environ,
            readable=(*interpreter_folders(python), place),
            descriptors=(speak,),
            output=subprocess.DEVNULL,
            limits=limits,
        )
    except BaseException:
        os.close(listen)
        raise
    finally:
        os.close(speak)
    room.register_group(process.pid)
    try:
        return _read(listen, time.monotonic() + bounds.seconds, bounds)
    finally:
        os.close(listen)
        _end(process, sandbox)
        room.forget(process.pid)


def _read(listen: int, until: float, bounds: Bounds) -> bytes:
    """All until its end."""
    data = bytearray()
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([listen], [], [], left)[0]:
            raise NotUnderstood(f"it had not ended after {bounds.seconds:g} s")
        chunk = os.read(listen, _CHUNK)
        if not chunk:
            return bytes(data)
        data += chunk
        if len(data) > MOST_BYTES:
            raise NotUnderstood(f"it wrote more than {MOST_BYTES} bytes")


def _end(process: subprocess.Popen[bytes], sandbox: Sandbox) -> None:
    """Everything that it started, orphans of its user included."""
    processes.end(lambda: processes.family(process.pid))
    processes.end(lambda: processes.session_members(process.pid))
    if sandbox.uid is not None:
        processes.end_user(sandbox.uid)
    process.kill()
    process.wait()


def _copy(place: Path) -> None:
    """What a policy may import of this program, where the child can read it and nobody write."""
    code = place / "code"
    package = Path(bot.__file__).parent
    shutil.copytree(package, code / "bot", ignore=shutil.ignore_patterns(*_LEFT_OUT))
    empty = code / "bot" / "policies"
    empty.mkdir()
    (empty / "__init__.py").write_text('"""None of ours is needed there."""\n')
    shutil.copy(_PROGRAM, place / "program.py")
    for path in (code, *code.rglob("*"), place / "program.py"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _plain(options: Options) -> dict[str, object]:
    """The options as JSON holds them: read-only mappings as plain ones."""
    found = {name: getattr(options, name) for name in options.__dataclass_fields__}
    return {name: _thawed(value) for name, value in found.items()}


def _thawed(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _thawed(each) for key, each in value.items()}
    return value if isinstance(value, str | int | float | bool | list | tuple) else str(value)
