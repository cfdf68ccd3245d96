"""The file system as the child may use it: what is not named here cannot be opened.

Landlock (landlock(7), Linux ≥ 5.13) needs neither root nor a namespace, so it works where Docker's
defaults forbid mounts. The rules hold for the process that sets them and for all that it starts.
It also keeps them from the memory of any process outside (ptrace(2)), from TCP (Linux ≥ 6.7), and
from signalling or reaching the abstract sockets of processes outside (≥ 6.12). Connecting to a unix
socket that has a path is no file access in this sense.
"""

from __future__ import annotations

import ctypes
import os

from bot.observe.confine.kernel import checked, syscall

# linux/landlock.h and the system call table, which are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1
OLDEST = 2  # the first that lets a file be renamed into another folder, as installers do
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _SINCE_TRUNCATE = 1 << 14, 3
_IOCTL_DEV, _SINCE_IOCTL_DEV = 1 << 15, 5
_ALL = (1 << 14) - 1  # up to and with LANDLOCK_ACCESS_FS_REFER
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TCP, _SINCE_TCP = 0b11, 4  # bind and connect
_SCOPES, _SINCE_SCOPES = 0b11, 6  # abstract sockets and signals

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/etc", "/proc", "/sys", "/run/systemd/resolve"),
    *("/nix/store", "/gnu/store", "/home/linuxbrew/.linuxbrew"),  # programs and libraries alone
)
"""What any program may need to read; who may read which file there is for its mode to say."""

DEVICES = (
    *("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"),
    *("/dev/tty", "/dev/ptmx", "/dev/pts"),
)
"""What any program may write to."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """The kernel's version of the interface, 0 where it has none or the container forbids it."""
    return max(0, syscall(_CREATE_RULESET, None, 0, _VERSION))


def restrict(readable: list[str], writable: list[str], *, network: bool) -> None:
    """Leave this process ``SYSTEM``, ``DEVICES`` and what lies beneath the paths.

    ``network`` leaves it TCP. It must have given up new privileges before.

    Raises:
        OSError: the kernel has no landlock, or too old a one.
    """
    known = version()
    every = _ALL
    every |= _TRUNCATE if known >= _SINCE_TRUNCATE else 0
    every |= _IOCTL_DEV if known >= _SINCE_IOCTL_DEV else 0
    attributes = _Ruleset(
        every,
        _TCP if known >= _SINCE_TCP and not network else 0,
        _SCOPES if known >= _SINCE_SCOPES else 0,
    )
    # A kernel refuses more bytes than it knows of unless they are zero (landlock_create_ruleset(2))
    size = ctypes.sizeof(attributes)
    ruleset = checked(syscall(_CREATE_RULESET, ctypes.byref(attributes), size, 0), "landlock")
    for path in (*SYSTEM, *readable):
        _allow(ruleset, path, every & _READ)
    for path in (*DEVICES, *writable):
        _allow(ruleset, path, every)
    checked(syscall(_RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine, so nothing to allow
    if not os.path.isdir(f"/proc/self/fd/{beneath}"):
        access &= _OF_A_FILE
    rule = _Beneath(access, beneath)
    checked(syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0), path)
    os.close(beneath)
