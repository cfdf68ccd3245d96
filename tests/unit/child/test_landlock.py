"""What a process may open and reach once it has set landlock's rules on itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.observe.confine import landlock
from bot.observe.confine.command_line import Confinement, Limits
from bot.observe.reach import interpreter_folders

pytestmark = pytest.mark.skipif(
    landlock.version() < landlock.OLDEST,
    reason="this kernel has no landlock: the layer was not tested",
)
tcp = pytest.mark.skipif(landlock.version() < 4, reason="this kernel's landlock knows no TCP")
scopes = pytest.mark.skipif(landlock.version() < 6, reason="this kernel's landlock has no scopes")

PYTHON = interpreter_folders(Path(sys.executable))


@pytest.fixture
def folder() -> Path:
    """This folder of the checkout: outside of what every program may read."""
    return Path(__file__).resolve().parent


def run(
    *command: str,
    readable: tuple[Path, ...] = (),
    scratch: tuple[Path, ...] = (),
    on: bool = True,
    network: bool = False,
) -> str:
    """What a command says under landlock and no other layer."""
    confinement = Confinement(
        limits=Limits(processes=None),
        landlock=on,
        network=network,
        readable=(*PYTHON, *readable),
        scratch=scratch,
    )
    done = subprocess.run(
        confinement.command_line(command), capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout.strip() or done.stderr.strip()


def python(code: str, *, on: bool = True, network: bool = False) -> str:
    """What a Python program says under landlock and no other layer."""
    return run(sys.executable, "-c", code, on=on, network=network)


def test_what_is_not_named_cannot_be_read(folder: Path) -> None:
    """Neither listed nor opened, whoever owns it."""
    assert "Permission denied" in run("cat", str(Path(__file__).resolve()))
    assert "Permission denied" in run("ls", str(folder))
    assert "test_landlock" in run("ls", str(folder), on=False)


def test_what_is_named_can_be_read_and_not_written(folder: Path) -> None:
    """A readable folder is readable with all that is in it."""
    shown = run("cat", str(Path(__file__).resolve()), readable=(folder,))
    assert shown.startswith('"""What a')
    assert "Permission denied" in run("touch", str(folder / "new"), readable=(folder,))


def test_temporary_files_only_where_they_are_allowed(tmp_path: Path) -> None:
    """No folder is an exception by itself: without root, the room may lie in /tmp."""
    new = tmp_path / "new"
    assert "Permission denied" in run("touch", str(new))
    assert run("touch", str(new), scratch=(tmp_path,)) == ""
    assert new.exists()
    assert run("sh", "-c", "echo x > /dev/null; cat /dev/null") == ""


def test_a_path_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    """Machines differ: a rule for what does not exist allows nothing."""
    assert run("echo", "fine", readable=(tmp_path / "absent",)) == "fine"


@tcp
def test_nobody_is_called_over_tcp() -> None:
    """Where the network is left, for installing, it works."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        call = f"import socket; socket.create_connection(('127.0.0.1', {port}), 3); print('called')"
        assert "PermissionError" in python(call)
        assert python(call, network=True) == "called"
        assert python(call, on=False) == "called"


@scopes
def test_processes_outside_get_no_signal() -> None:
    """Not even those of the same user, as the bot itself is where there is no root."""
    with subprocess.Popen(["sleep", "60"]) as other:
        call = f"import os; os.kill({other.pid}, {signal.SIGTERM.value}); print('sent')"
        assert "PermissionError" in python(call)
        assert other.poll() is None
        assert python(call, on=False) == "sent"
        assert other.wait(10) == -signal.SIGTERM


@scopes
def test_abstract_sockets_outside_are_out_of_reach() -> None:
    """D-Bus, X11 and others listen on them, where no file mode protects them."""
    name = f"db-recheck-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()
        call = f"import socket; socket.socket(1).connect('\\0{name}'); print('called')"
        assert "PermissionError" in python(call)
        assert python(call, on=False) == "called"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_memory_of_processes_outside_is_out_of_reach() -> None:
    """Not even that of the same user (ptrace(2), "Ptrace access mode checking")."""
    nobody = 65534
    with subprocess.Popen(["sleep", "60"], user=nobody, group=nobody, env={"A": "x"}) as other:
        for on in (True, False):
            confinement = Confinement(user=nobody, limits=Limits(processes=None), landlock=on)
            command = confinement.command_line(["cat", f"/proc/{other.pid}/environ"])
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            assert done.stdout == ("" if on else "A=x\0")
            assert ("Permission denied" in done.stderr) is on
        other.kill()
