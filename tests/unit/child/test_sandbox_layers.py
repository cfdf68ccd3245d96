"""Layers of the sandbox: what is missing is named, and what is left is enough."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.observe.confine import landlock
from bot.observe.layers import WITHOUT, find_layers, left_out
from bot.observe.reach import closed_folder
from bot.observe.room import Room
from bot.observe.sandbox import SandboxError, prepare_sandbox
from tests.unit.child.test_sandbox import READ, ask, root_only

CALL = """
import socket
def reaches(address):
    try:
        with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as made:
            made.settimeout(3)
            made.connect(address)
    except OSError:
        return False
    return True
"""


@pytest.mark.parametrize(
    ("without", "reached"),
    [
        (set(), [False, False]),
        ({"seccomp"}, [False, False]),
        ({"seccomp", "landlock"}, [False, False]),
        ({"landlock", "mounts"}, [False, True]),
        ({"seccomp", "mounts"}, [False, False]),
        ({"seccomp", "landlock", "mounts"}, [True, True]),
    ],
)
def test_network_is_gone_as_long_as_one_layer_of_it_is_left(
    room: Room, without: set[str], reached: list[bool]
) -> None:
    """TCP on the loopback, and an abstract socket as D-Bus has it."""
    sandbox = prepare_sandbox(room, without=without)
    if "mounts" not in without and not sandbox.layers.mounts:
        pytest.skip("this machine has no mount namespaces (Docker's default)")
    if sandbox.layers.landlock and landlock.version() < 6:
        pytest.skip("this kernel's landlock does not know of sockets")
    name = f"\0db-recheck-test-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as other:
        other.bind(name)
        other.listen()
        port = server.getsockname()[1]
        found = ask(sandbox, CALL + f"answer = [reaches(('127.0.0.1', {port})), reaches({name!r})]")
    assert found == reached


def test_missing_layers_are_named(room: Room) -> None:
    """And full is said only of a sandbox that has all of them."""
    there = find_layers()
    if there.missing:
        pytest.skip(f"this machine lacks {there.missing}")
    assert prepare_sandbox(room).describe() == "full"
    described = prepare_sandbox(room, without={"seccomp", "landlock", "user"}).describe()
    assert described == "reduced: own user, network, file system (landlock)"


def test_only_layers_that_exist_can_be_left_out() -> None:
    """A misspelt one would leave a test without its point."""
    assert left_out({}) == frozenset()
    assert left_out({WITHOUT: "landlock, seccomp"}) == {"landlock", "seccomp"}
    with pytest.raises(SandboxError, match="names land-lock; there are landlock, mounts"):
        left_out({WITHOUT: "land-lock"})


@root_only
def test_with_mounts_of_its_own_the_machine_is_out_of_sight(room: Room) -> None:
    """Sockets of services, others' temporary files, and others' command lines with a password.

    Where this checkout itself lies in /tmp, the way to the interpreter is there, nothing beside.
    """
    ways = {Path(sys.prefix), Path(__file__).parents[3]}
    ours = {place.parts[2] for place in ways if place.is_relative_to("/tmp")}  # noqa: S108 - a place to look at
    sandbox = prepare_sandbox(room, without={"landlock"})
    if not sandbox.layers.mounts:
        pytest.skip("this machine has no mount namespaces (Docker's default)")
    with tempfile.NamedTemporaryFile(dir="/tmp") as made:
        Path(made.name).chmod(0o644)
        look = f"""
here = sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())
open("/tmp/mine", "w").close()
places = [os.listdir("/run"), sorted(os.listdir("/tmp"))]
answer = [here == [os.getpid()], *places, reads({made.name!r})]
"""
        found = ask(sandbox, READ + look)
    assert found == [True, [], sorted({"mine", *ours}), False]
    assert not Path("/tmp/mine").exists()  # noqa: S108 - it was made in the child's own


@root_only
def test_folders_inside_emptied_ones_come_back_whatever_their_names(room: Room) -> None:
    """Nobody's shell reads them."""
    sandbox = prepare_sandbox(room)
    if not sandbox.layers.mounts:
        pytest.skip("this machine has no mount namespaces (Docker's default)")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="it's; $HOME ") as folder:
        Path(folder).chmod(0o755)
        kept = Path(folder) / "in side"
        kept.mkdir(mode=0o755)
        (kept / "file").write_text("x")
        code = READ + f"answer = [reads({str(kept)!r} + '/file'), os.listdir({folder!r})]"
        assert ask(sandbox, code, readable=[kept]) == [True, ["in side"]]


@root_only
def test_an_ordinary_user_gets_the_rest_and_is_told() -> None:
    """Without root the child is the same user: that is said, and the limits still hold."""
    system = shutil.which(f"python3.{sys.version_info.minor}", path=os.defpath)
    import msgspec

    packages = Path(msgspec.__file__).parent.parent
    nobody = 65534
    project = Path(__file__).parents[3]
    if system is None or any(closed_folder(p, nobody, nobody) for p in (packages, project)):
        pytest.skip("no Python that an ordinary user could run")
    place = Path("/tmp") / f"ordinary-{os.getpid()}"  # noqa: S108 - a folder that user can reach
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    script = f"""
import sys
sys.path[:0] = [{str(project)!r}, {str(packages)!r}]
from pathlib import Path
from bot.observe.room import Room
from bot.observe.sandbox import prepare_sandbox
with Room(Path({str(place)!r})) as room:
    sandbox = prepare_sandbox(room)
    print(sandbox.describe(), flush=True)
    code = "import os, resource; print(os.getuid(), resource.getrlimit(resource.RLIMIT_CORE)[0])"
    environ = sandbox.environment(Path(sys.executable), {{}})
    sandbox.start([sys.executable, "-c", code], environ, output=1).wait()
"""
    try:
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", system, "-c", script],
            check=True,
            capture_output=True,
            text=True,
        )
    finally:
        shutil.rmtree(place)
    first, second = done.stdout.splitlines()
    assert first.startswith("reduced: own user")
    assert second == "65534 0"
