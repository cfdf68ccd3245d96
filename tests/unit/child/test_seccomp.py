"""The system call filter: the program as data, and what it refuses on this kernel."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.confine import seccomp
from bot.observe.confine.command_line import Confinement, Limits

ALLOWED, REFUSED, NOT_THERE = 0x7FFF0000, 0x00050001, 0x00050026
MACHINES = list(seccomp.ARCHITECTURES)

kernel = pytest.mark.skipif(
    not seccomp.available(), reason="this machine has no such filters: the layer was not tested"
)


def verdict(
    machine: str,
    number: int,
    *arguments: int,
    architecture: int | None = None,
    network: bool = False,
    system_v: bool = False,
) -> int:
    """What the filter answers to a call, by a machine that knows the instructions it uses."""
    words = list(arguments) + [0] * (6 - len(arguments))
    data = struct.pack(
        "<IIQ6Q",
        number & 0xFFFFFFFF,
        seccomp.ARCHITECTURES[machine] if architecture is None else architecture,
        0,
        *(word & (2**64 - 1) for word in words),
    )
    program = seccomp.program(machine, network=network, system_v=system_v)
    accumulator = place = 0
    while True:
        code, true, false, operand = program[place]
        place += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, operand)
            case 0x06:
                return operand
            case 0x15:
                place += true if accumulator == operand else false
            case 0x35:
                place += true if accumulator >= operand else false
            case 0x45:
                place += true if accumulator & operand else false
            case _:
                raise AssertionError(code)


def number(machine: str, name: str) -> int:
    """A call's number on that machine."""
    found = {**seccomp.CALLS, **seccomp.REFUSED, **seccomp.SYSTEM_V}[name][MACHINES.index(machine)]
    assert found is not None
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_only_unix_sockets_are_made(machine: str) -> None:
    """The family is an int: what stands in the register's upper half counts for nothing."""
    for name in ("socket", "socketpair"):
        call = number(machine, name)
        assert verdict(machine, call, 1, 1) == ALLOWED
        assert verdict(machine, call, 1 | 5 << 32, 1) == ALLOWED
        for family in (0, 2, 3, 10, 16, 17, 31, 38, 40, 44, 2 | 1 << 32, 0xFFFFFFFF):
            assert verdict(machine, call, family, 1) == REFUSED
    assert verdict(machine, number(machine, "socket"), 2, network=True) == ALLOWED
    assert verdict(machine, number(machine, "socket"), 17, network=True) == REFUSED


@pytest.mark.parametrize("machine", MACHINES)
def test_every_listed_call_is_refused(machine: str) -> None:
    """System V's only to those who do not need it."""
    for name, numbers in seccomp.REFUSED.items():
        if numbers[MACHINES.index(machine)] is not None:
            assert verdict(machine, number(machine, name)) == REFUSED, name
    for name in seccomp.SYSTEM_V:
        assert verdict(machine, number(machine, name)) == REFUSED
        assert verdict(machine, number(machine, name), system_v=True) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_processes_and_threads_are_made_and_namespaces_are_not(machine: str) -> None:
    """As fork and pthread_create of glibc ask for them."""
    clone = number(machine, "clone")
    assert verdict(machine, clone, 0x01200011) == ALLOWED
    assert verdict(machine, clone, 0x003D0F00) == ALLOWED
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x40000000):
        assert verdict(machine, clone, flag | 17) == REFUSED
    assert verdict(machine, number(machine, "clone3")) == NOT_THERE
    assert verdict(machine, number(machine, "kill"), -1, 9) == REFUSED
    assert verdict(machine, number(machine, "kill"), 4711, 9) == ALLOWED
    assert verdict(machine, number(machine, "ioctl"), 0, 0x5412) == REFUSED
    assert verdict(machine, number(machine, "ioctl"), 0, 0x5413) == ALLOWED


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_no_other_table_of_calls_is_open(call: int, architecture: int) -> None:
    """Programs of another architecture, and x86_64's second table, would go past the numbers."""
    for machine, own in seccomp.ARCHITECTURES.items():
        if architecture != own:
            assert verdict(machine, call, architecture=architecture) == REFUSED
    assert verdict("x86_64", call | 0x40000000) == REFUSED


@pytest.mark.parametrize("machine", MACHINES)
def test_every_jump_lands_inside(machine: str) -> None:
    """A jump is eight bits wide, and the last instruction returns."""
    program = seccomp.program(machine, network=False, system_v=False)
    for place, (_, true, false, _) in enumerate(program):
        assert max(true, false) < 256
        assert place + 1 + max(true, false) < len(program) or program[place][0] == 0x06
    assert program[-1] == (0x06, 0, 0, ALLOWED)


def test_another_machine_is_without_the_layer() -> None:
    """So it is reported as missing."""
    assert not seccomp.available("s390x")


TRY = """
import ctypes, json, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(*words):
    libc.syscall(*map(ctypes.c_long, words))
    return ctypes.get_errno()
def makes(family, kind=socket.SOCK_STREAM):
    try:
        socket.socket(family, kind).close()
    except OSError as error:
        return error.errno
    return 0
print(json.dumps(eval(sys.argv[1])))
"""


def ask(code: str, *, on: bool = True) -> object:
    """What an expression is worth under the filter and no other layer."""
    confinement = Confinement(limits=Limits(processes=None), seccomp=on)
    done = subprocess.run(
        confinement.command_line([sys.executable, "-c", TRY, code]),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout)


@kernel
@pytest.mark.parametrize(
    ("code", "otherwise"),
    [
        ("makes(socket.AF_INET)", {0}),
        ("makes(socket.AF_INET, socket.SOCK_DGRAM)", {0}),
        ("makes(socket.AF_INET6)", {0, 97}),
        ("makes(socket.AF_NETLINK, socket.SOCK_RAW)", {0}),
        ("call({memfd_create}, 0, 0)", {14}),
        ("call({process_vm_readv}, os.getpid(), 0, 0, 0, 0, 0)", {0}),
        ("call({ptrace}, 0, 0, 0, 0)", {0, 3}),
        ("call({io_uring_setup}, 0, 0)", {14, 22, 38}),
        ("call({keyctl}, 0, -3, 0)", {0, 38, 126}),
        ("call({unshare}, 0)", {0}),
        ("call({shmget}, 0, 4096, 0o600)", {0}),
    ],
)
def test_a_child_is_refused(code: str, otherwise: set[int]) -> None:
    """EPERM, so that a program sees an error; without the layer something else happens."""
    names = {**seccomp.REFUSED, **seccomp.SYSTEM_V}
    filled = code.format(**{name: numbers[_column()] for name, numbers in names.items()})
    assert ask(filled) == 1
    assert ask(filled, on=False) in otherwise


def _column() -> int:
    import os

    return MACHINES.index(os.uname().machine)


@kernel
def test_what_programs_need_is_left(tmp_path: Path) -> None:
    """Unix sockets, processes, threads, an event loop, temporary files."""
    code = (
        "import asyncio, subprocess, tempfile, threading;"
        "a, b = __import__('socket').socketpair(); a.send(b'x'); assert b.recv(1) == b'x';"
        "t = threading.Thread(target=lambda: None); t.start(); t.join();"
        "assert subprocess.run(['true']).returncode == 0;"
        "asyncio.run(asyncio.sleep(0));"
        "tempfile.TemporaryFile().write(b'x'); print('fine')"
    )
    confinement = Confinement(limits=Limits(processes=None), seccomp=True)
    done = subprocess.run(
        confinement.command_line([sys.executable, "-c", code]),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == "fine", done.stderr
