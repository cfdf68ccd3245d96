"""The file system as the child may use it: what is not named here cannot be opened.

Landlock (landlock(7), Linux ≥ 5.13) needs neither root nor a namespace, so it works where Docker's
defaults forbid mounts. The rules hold for the process that sets them and for all that it starts.
This file is also a program, which sets the rules and becomes the command: ``landlock.py [-r PATH]…
[-w PATH]… -- COMMAND …``. Connecting to a unix socket is no file access in this sense.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

# linux/landlock.h and the system call table, which are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38
_OLDEST = 2  # the first that lets a file be renamed into another folder, as installers do
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _SINCE_TRUNCATE = 1 << 14, 3
_ALL = (1 << 14) - 1  # up to and with LANDLOCK_ACCESS_FS_REFER
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/etc", "/proc", "/sys", "/run/systemd/resolve"),
)
"""What any program may need to read; who may read which file there is for its mode to say."""

SCRATCH = ("/dev", "/tmp", "/var/tmp")  # noqa: S108 - not written to: named in a rule
"""What any program may write to, as far as the files' modes let it."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """The kernel's version of the interface, 0 where it has none or the container forbids it."""
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION))


def available() -> bool:
    """Whether ``confined`` keeps its promise here."""
    return version() >= _OLDEST


def confined(
    command: list[str], readable: Sequence[Path], writable: Sequence[Path], python: str
) -> list[str]:
    """The command without any file but those of ``SYSTEM``, ``SCRATCH`` and beneath the paths."""
    rules = [part for path in (*SYSTEM, *readable) for part in ("-r", str(path))]
    rules += [part for path in (*SCRATCH, *writable) for part in ("-w", str(path))]
    return [python, "-I", "-S", str(Path(__file__)), *rules, "--", *command]


def _call(number: int, *arguments: object) -> int:
    result: int = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    return result


def _restrict(rules: Sequence[tuple[str, str]]) -> None:
    every = _ALL | (_TRUNCATE if version() >= _SINCE_TRUNCATE else 0)
    attributes = _Ruleset(every)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    ruleset = _checked(_call(_CREATE_RULESET, ctypes.byref(attributes), size, 0))
    for flag, path in rules:
        try:
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this machine, so nothing to allow
        access = every if flag == "-w" else every & _READ
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            access &= _OF_A_FILE
        beneath = _Beneath(access, folder)
        _checked(_call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0))
        os.close(folder)
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))  # landlock_restrict_self(2) wants it
    _checked(_call(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def main(words: list[str]) -> None:
    """Set the rules and become the command."""
    end = words.index("--")
    flags, paths = words[:end:2], words[1:end:2]
    _restrict(list(zip(flags, paths, strict=True)))
    command = words[end + 1 :]
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main(sys.argv[1:])
