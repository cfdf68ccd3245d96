"""System calls that Python has no function for. No other module talks to the C library."""

from __future__ import annotations

import ctypes
import os

PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: object) -> int:
    """What ``syscall(2)`` returns, -1 for an error. Integers are passed as a register's 64 bits."""
    words = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    result: int = _libc.syscall(ctypes.c_long(number), *words)
    return result


def prctl(option: int, *arguments: object) -> int:
    """What ``prctl(2)`` returns, -1 for an error; missing arguments are zeros."""
    words = [ctypes.c_ulong(item) if isinstance(item, int) else item for item in arguments]
    words += [ctypes.c_ulong(0)] * (4 - len(words))
    result: int = _libc.prctl(ctypes.c_int(option), *words)
    return result


def mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    """``mount(2)``.

    Raises:
        OSError: it is refused.
    """
    texts = [os.fsencode(text) for text in (source, target, kind)]
    result = _libc.mount(*texts, ctypes.c_ulong(flags), os.fsencode(data) or None)
    checked(result, target)


def umount(target: str) -> None:
    """``umount2(2)``.

    Raises:
        OSError: it is refused.
    """
    checked(_libc.umount2(os.fsencode(target), 0), target)


def unshare(flags: int) -> None:
    """``unshare(2)``.

    Raises:
        OSError: it is refused.
    """
    checked(_libc.unshare(flags), "unshare")


def checked(result: int, what: str) -> int:
    """The result.

    Raises:
        OSError: it is -1.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)}: {what}")
    return result
